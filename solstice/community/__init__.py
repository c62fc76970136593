"""Community."""

ROUTES: tuple = ()
JOBS: tuple = ()
TIMETABLE: tuple = ()
