"""Drills: disasters on purpose, against real processes, with a verdict on each promise.

Reaches the product over HTTP and signals only, like the world does.  What a drill breaks it
mends, whatever happens in between; it ends no process that it was not given.
"""
