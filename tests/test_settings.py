"""Settings are read once, typed, and a spelling mistake is refused at start."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from solstice.settings import BadConfiguration, changed_settings, load_secret_key, read_settings
from solstice.videos.settings import VideoSettings


def test_a_setting_reaches_its_feature_typed() -> None:
    """`SOLSTICE_<FEATURE>_<NAME>`, with the unit in the name."""
    settings = read_settings({"SOLSTICE_VIDEOS_DURATION_S_MAX": "60"})
    assert settings.of(VideoSettings).duration_s_max == 60.0


def test_what_differs_from_the_defaults_can_be_shown() -> None:
    """And nothing else, so that an operator sees the few lines that matter."""
    settings = read_settings({"SOLSTICE_VIDEOS_DURATION_S_MAX": "60"})
    assert changed_settings(settings) == {"SOLSTICE_VIDEOS_DURATION_S_MAX": 60.0}


@pytest.mark.parametrize(
    ("name", "value"),
    [("SOLSTICE_VIDEOS_DURATION_MAX", "60"), ("SOLSTICE_VIDEOS_DURATION_S_MAX", "long")],
)
def test_mistakes_are_refused_by_name(name: str, value: str) -> None:
    """An unknown name and an unusable value both say which variable it is."""
    with pytest.raises(BadConfiguration, match=name):
        read_settings({name: value})


def test_processes_that_start_together_share_one_secret(tmp_path: Path) -> None:
    """Or half the sessions would be void."""
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: load_secret_key(tmp_path), range(8)))
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
