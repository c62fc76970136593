"""The demo: a newcomer's instance comes alive, and a second run changes nothing."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from solstice.demo.people import AUDIENCE, CREATORS
from tests.acceptance.instance import Instance, until

pytestmark = pytest.mark.acceptance

CLIPS = 2
DEMO_S_MAX = 300.0
QUIET_S = 6.0
"""Three times as long as counts are folded apart."""


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    """A fresh instance that is up."""
    instance = Instance(tmp_path / "state")
    try:
        instance.start_and_wait()
        yield instance
    finally:
        instance.end()


def seen(instance: Instance) -> dict[str, Any]:
    """Look at everything the demo made, as a stranger."""
    with httpx.Client(base_url=instance.url, timeout=20) as http:
        items = http.get("/v1/feed/for-you").json()["items"]
        videos = {item["id"]: http.get(f"/v1/videos/{item['id']}").json()["item"] for item in items}
        comments = {
            video: sorted(
                comment["id"]
                for comment in http.get(f"/v1/videos/{video}/comments").json()["items"]
            )
            for video in videos
        }
        return {
            "counts": {
                video: (card["like_count"], card["comment_count"], card["view_count"])
                for video, card in videos.items()
            },
            "comments": comments,
            "followers": {
                creator.name: http.get(f"/v1/accounts/{creator.name}").json()["follower_count"]
                for creator in CREATORS
            },
        }


class Settled:
    """Whether every figure is there and none has moved for a while; counts follow by seconds."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.last: dict[str, Any] = {}
        self.since = time.monotonic()

    def __call__(self) -> bool:
        """Look once more."""
        now = seen(self.instance)
        if now != self.last:
            self.last, self.since = now, time.monotonic()
        figures = now["counts"].values()
        is_whole = len(figures) == CLIPS and all(all(counts) for counts in figures)
        return is_whole and time.monotonic() - self.since > QUIET_S


def settled(instance: Instance) -> dict[str, Any]:
    """Wait until nothing moves any more; returns what is there."""
    watcher = Settled(instance)
    until(watcher, within_s=90, explain=lambda: str(watcher.last))
    return watcher.last


def test_a_second_demo_adds_nothing_to_the_first(instance: Instance) -> None:
    """Clips play, people talk; run again, not one like, word or view more is there."""
    first = instance.run("demo", "--clips", str(CLIPS), within_s=DEMO_S_MAX)
    assert first.returncode == 0, first.stderr
    before = settled(instance)
    assert all(before["comments"].values())
    assert all(before["followers"].values())

    again = instance.run("demo", "--clips", str(CLIPS), within_s=DEMO_S_MAX)
    assert again.returncode == 0, again.stderr
    assert settled(instance) == before

    ledger = json.loads((instance.state_dir / "demo-accounts.json").read_text())
    assert set(ledger["passwords"]) == {persona.name for persona in (*CREATORS, *AUDIENCE)}
    guest = {"name": "lowsun", "password": ledger["passwords"]["lowsun"]}
    assert httpx.post(f"{instance.url}/v1/sessions", json=guest).status_code == 201


def test_without_an_instance_the_demo_says_what_to_do(tmp_path: Path) -> None:
    """The most likely mistake gets one sentence and the remedy, and leaves no file."""
    absent = Instance(tmp_path / "state")
    absent.state_dir.mkdir()
    outcome = absent.run("demo")
    assert outcome.returncode == 2
    assert "make up" in outcome.stderr
    assert not list(absent.state_dir.iterdir())
