"""Administrators see how the platform is doing; what is unknown is null."""

import json
import os
from pathlib import Path

import psycopg
import pytest

from solstice.operations import decide_percentile_ms, read_memory_bytes, read_processes
from tests.cast import PASSWORD
from tests.conftest import SignUp


async def test_only_administrators_may_look(sign_up: SignUp) -> None:
    """Anybody else is told so."""
    ada = await sign_up("ada")
    assert (await ada.http.get("/v1/operations")).status_code == 403


async def test_an_administrator_sees_the_whole_picture(sign_up: SignUp, dsn: str) -> None:
    """Counts from the database, the disk, this server's own answers."""
    ada = await sign_up("ada")
    with psycopg.connect(dsn) as conn:
        conn.execute("UPDATE accounts SET role = 'administrator' WHERE id = %s", [ada.id])
    await ada.http.post("/v1/sessions", json={"name": ada.name, "password": PASSWORD})
    seen = (await ada.http.get("/v1/operations")).json()
    assert seen["database"]["is_reachable"] is True
    assert seen["videos"]["live"] >= 0
    assert seen["disk"]["free_bytes"] > 0
    assert seen["requests"]["answered_total"] > 0
    assert seen["processes"] is None


def test_without_a_supervisor_the_processes_are_unknown(tmp_path: Path) -> None:
    """Null, not an empty list: they may well be running."""
    assert read_processes(tmp_path) is None
    (tmp_path / "processes.json").write_text("{half")
    assert read_processes(tmp_path) is None


def test_processes_are_shown_with_their_memory(tmp_path: Path) -> None:
    """Of a living one it is known, of a dead one it is not."""
    (tmp_path / "processes.json").write_text(
        json.dumps({"at": 1, "processes": [{"name": "a", "state": "ready", "pid": os.getpid()}]})
    )
    rows = read_processes(tmp_path)
    assert rows is not None
    assert (rows[0].memory_bytes or 0) > 1_000_000
    assert read_memory_bytes(2**22 + 1) is None


@pytest.mark.parametrize(("share", "expected"), [(0.5, 10.0), (0.9, 100.0), (0.99, None)])
def test_percentiles_come_from_cumulative_buckets(share: float, expected: float | None) -> None:
    """The upper bound of the bucket; unknown beyond the last one."""
    buckets = {0.01: 60.0, 0.1: 95.0, float("inf"): 100.0}
    assert decide_percentile_ms(buckets, share) == expected


def test_nothing_observed_is_unknown() -> None:
    """Not zero milliseconds."""
    assert decide_percentile_ms({}, 0.5) is None
