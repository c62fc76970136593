"""Every request has a place in one order, known from its path alone."""

import pytest

from solstice.admission.priority import CELLS, Priority, RouteTable, decide_cell

TABLE = RouteTable(
    [
        ("GET", "/", Priority.PLAYBACK),
        ("GET", "/v1/videos/{video_id}", Priority.PLAYBACK),
        ("PUT", "/v1/videos/{video_id}/like", Priority.WRITE),
        ("GET", "/v1/videos/{video_id}/comments", Priority.INTERACTIVE),
        ("GET", "/healthz/live", Priority.CRITICAL),
        ("GET", "/static/{build:str}/{path:path}", Priority.PLAYBACK),
    ],
    default=Priority.INTERACTIVE,
)


@pytest.mark.parametrize(
    ("method", "path", "priority"),
    [
        ("GET", "/", Priority.PLAYBACK),
        ("GET", "/v1/videos/7", Priority.PLAYBACK),
        ("PUT", "/v1/videos/7/like", Priority.WRITE),
        ("DELETE", "/v1/videos/7/like", Priority.INTERACTIVE),
        ("GET", "/v1/videos/7/comments", Priority.INTERACTIVE),
        ("GET", "/healthz/live", Priority.CRITICAL),
        ("GET", "/healthz/live/more", Priority.INTERACTIVE),
        ("GET", "/nowhere/at/all", Priority.INTERACTIVE),
        ("GET", "//", Priority.PLAYBACK),
        ("GET", "/static/b1/scripts/feed/slide.js", Priority.PLAYBACK),
        ("GET", "/static/b1/app.css", Priority.PLAYBACK),
        ("GET", "/static/b1", Priority.INTERACTIVE),
    ],
)
def test_a_path_has_its_routes_priority(method: str, path: str, priority: Priority) -> None:
    """And what is no route has the default, never the critical one."""
    assert TABLE.find(method, path) is priority


def test_a_person_keeps_their_cohort_for_an_hour() -> None:
    """So that a page and all it asks for are admitted together."""
    cells = {
        decide_cell(Priority.WRITE, b"ada", now_s=now_s, salt=b"salt") for now_s in range(3600)
    }
    assert len(cells) == 1


def test_cohorts_change_with_the_hour() -> None:
    """Nobody is the first to be refused for ever."""
    hours = range(48)
    cells = {
        decide_cell(Priority.WRITE, b"ada", now_s=hour * 3600.0, salt=b"salt") for hour in hours
    }
    assert len(cells) > 8


def test_people_are_spread_over_the_cohorts() -> None:
    """Each of sixteen gets between half and twice its share."""
    cells = [
        decide_cell(Priority.PLAYBACK, str(n).encode(), now_s=0, salt=b"salt") for n in range(16000)
    ]
    counts = [cells.count(cell) for cell in range(16, 32)]
    assert sum(counts) == 16000
    assert min(counts) > 500
    assert max(counts) < 2000


def test_a_more_important_priority_comes_before_every_cohort_of_the_next() -> None:
    """Cohorts order people inside a priority and never across."""
    highest = max(
        decide_cell(Priority.PLAYBACK, str(n).encode(), now_s=0, salt=b"") for n in range(1000)
    )
    lowest = min(
        decide_cell(Priority.WRITE, str(n).encode(), now_s=0, salt=b"") for n in range(1000)
    )
    assert highest < lowest < CELLS
