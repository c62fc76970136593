"""The people of the demo: a table whose rows must fit the platform's rules."""

import re

from solstice.demo.people import AUDIENCE, CREATORS
from solstice.demo.scenes import REPERTOIRE
from solstice.demo.words import ANSWERS, ECHOES, REMARKS

POSTS = [post for creator in CREATORS for post in creator.posts]


def test_names_are_allowed_and_nobody_has_anothers() -> None:
    """Small letters, digits, dots and underscores, 3 to 24 of them."""
    names = [persona.name for persona in (*CREATORS, *AUDIENCE)]
    assert len(set(names)) == len(names)
    for name in names:
        assert re.fullmatch(r"[a-z0-9_.]{3,24}", name)


def test_a_dozen_creators_publish_every_scene_and_no_clip_twice() -> None:
    """A newcomer can swipe for minutes before anything comes again."""
    assert len(CREATORS) == 12
    orders = [post.order for post in POSTS]
    assert len(set(orders)) == len(orders) >= 36
    assert {order.scene for order in orders} == set(REPERTOIRE)


def test_every_caption_can_be_found_by_a_hashtag() -> None:
    """So that hashtag pages are not empty either."""
    for post in POSTS:
        assert re.search(r"#\w+", post.caption)
        assert len(post.caption) <= 200


def test_words_fit_into_a_comment() -> None:
    """And none is said by two tables."""
    words = [*REMARKS, *ANSWERS, *ECHOES, *(remark for post in POSTS for remark in post.remarks)]
    assert len(set(words)) == len(words)
    assert max(map(len, words)) <= 200
