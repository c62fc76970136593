"""Videos."""

ROUTES: tuple = ()
JOBS: tuple = ()
TIMETABLE: tuple = ()
