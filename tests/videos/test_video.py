"""What a caption says: hashtags and clean text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solstice.videos.video import HASHTAGS_MAX, clean_caption, list_hashtags


@pytest.mark.parametrize(
    ("caption", "hashtags"),
    [
        ("Sun #Solstice #solstice #SOLSTICE", ["solstice"]),
        ("#über #日本 #Привет_2", ["über", "日本", "привет_2"]),
        ("#1 place, a#b, https://x.test/#part, ##twice &#39;", []),
        ("#a,#b.#c\n#d", ["a", "b", "c", "d"]),
        ("no tags at all", []),
        ("#" + "x" * 65, []),
    ],
)
def test_hashtags_are_found_as_people_mean_them(caption: str, hashtags: list[str]) -> None:
    """Any script, lower case, each once; numbers, addresses and entities are none."""
    assert list_hashtags(caption) == hashtags


def test_a_caption_has_at_most_thirty_hashtags() -> None:
    """The first ones count; a wall of tags gains nothing."""
    caption = " ".join(f"#tag{number}" for number in range(100))
    assert list_hashtags(caption) == [f"tag{number}" for number in range(HASHTAGS_MAX)]


@given(st.text(max_size=300))
def test_cleaning_a_caption_twice_changes_nothing_more(text: str) -> None:
    """And what comes out holds no control character a terminal or log would act on."""
    cleaned = clean_caption(text)
    assert clean_caption(cleaned) == cleaned
    assert not [char for char in cleaned if ord(char) < 32 and char != "\n"]
    assert all(tag == tag.casefold() for tag in list_hashtags(cleaned))
