"""The people of a drill do what people do, each as who they are."""

import random

import pytest

from solstice.drills.schedule import Event
from solstice.drills.viewers import MIX, PLAYBACK, Audience

AUDIENCE = Audience(
    host="127.0.0.1:1",
    tokens=("t-ada", "t-bo"),
    names=("ada", "bo"),
    clip_ids=("c1",),
    clip_urls=("/media/r.mp4",),
    dice=random.Random(7),  # noqa: S311 - repeatable on purpose
)


@pytest.mark.parametrize("action", [*MIX])
def test_every_action_is_one_whole_request(action: str) -> None:
    """So that the generator can send it as it is."""
    raw = AUDIENCE.render(Event(at_s=0, action=action, person=1))
    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0].endswith(b"HTTP/1.1")
    if body:
        assert b"content-length: %d" % len(body) in head


def test_a_like_is_the_persons_own() -> None:
    """Person 1 of two is bo, every time."""
    for person in (1, 3):
        raw = AUDIENCE.render(Event(at_s=0, action="like", person=person))
        assert b"PUT /v1/videos/c1/like" in raw
        assert b"Bearer t-bo" in raw


def test_two_comments_are_not_one_repeated() -> None:
    """Each carries a key of its own; a retry carries the same."""
    event = Event(at_s=0, action="comment", person=0)
    assert AUDIENCE.render(event) != AUDIENCE.render(event)


def test_most_of_it_is_watching() -> None:
    """As everywhere."""
    assert sum(MIX[action] for action in PLAYBACK) > 0.5
    assert sum(MIX.values()) == pytest.approx(1.0)
