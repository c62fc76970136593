"""Accounts."""

ROUTES: tuple = ()
JOBS: tuple = ()
TIMETABLE: tuple = ()
RUNNING: tuple = ()
PROVIDERS: dict = {}
ACCOUNT_MIDDLEWARE: tuple = ()
