"""Feed."""

ROUTES: tuple = ()
JOBS: tuple = ()
TIMETABLE: tuple = ()
RUNNING: tuple = ()
PROVIDERS: dict = {}
