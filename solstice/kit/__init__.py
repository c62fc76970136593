"""The kit: what every feature needs and what knows no product word.

Database, clock, errors, HTTP, jobs, ids, paging, objects, logs, metrics, processes.  If a
module here ever needs to say "video" or "account", it belongs to a feature instead.
"""
