"""The lane in which passwords are hashed: right, narrow, and with a short queue."""

import asyncio
import os
from pathlib import Path

import argon2
import pytest

from solstice.accounts.errors import PasswordsBusy
from solstice.accounts.passwords import NICENESS, PasswordLane
from solstice.accounts.settings import AccountSettings

CHEAP = AccountSettings(password_memory_kib=64, password_time_cost=1)


async def test_defaults_are_what_owasp_asks_for() -> None:
    """argon2id with at least 19 MiB, two passes, one lane (OWASP password storage)."""
    lane = PasswordLane(AccountSettings())
    parameters = argon2.extract_parameters(await lane.hash("correct horse battery"))
    lane.close()
    assert parameters.type is argon2.Type.ID
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2
    assert parameters.parallelism == 1


async def test_a_password_matches_itself_only() -> None:
    """However the keyboard composes its letters; and nobody's hash matches nothing."""
    lane = PasswordLane(CHEAP)
    stored = await lane.hash("caf\u00e9 au lait")
    assert await lane.verify("cafe\u0301 au lait", stored)
    assert not await lane.verify("cafe au lait", stored)
    assert not await lane.verify("caf\u00e9 au lait", None)
    assert not await lane.verify("nobody has this password", None)
    assert not await lane.verify("anything", "!")
    lane.close()


async def test_a_hash_made_with_other_parameters_is_noticed() -> None:
    """It is made anew at the next log-in."""
    lane, stronger = (
        PasswordLane(CHEAP),
        PasswordLane(AccountSettings(password_memory_kib=128, password_time_cost=1)),
    )
    stored = await lane.hash("correct horse battery")
    assert not lane.needs_rehash(stored)
    assert stronger.needs_rehash(stored)
    lane.close()
    stronger.close()


async def test_a_storm_is_turned_away_and_the_lane_recovers() -> None:
    """So many at once, so many waiting, the rest is told to come back."""
    lane = PasswordLane(
        AccountSettings(
            password_memory_kib=19 * 1024,
            password_time_cost=2,
            password_hashes_at_once_max=1,
            password_hashes_waiting_max=3,
        )
    )
    outcomes = await asyncio.gather(
        *(lane.hash("correct horse battery") for _ in range(20)), return_exceptions=True
    )
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 4
    assert sum(isinstance(outcome, PasswordsBusy) for outcome in outcomes) == 16
    assert (await lane.hash("correct horse battery")).startswith("$argon2id$")
    lane.close()


async def test_hashing_gives_way_to_everything_else() -> None:
    """Its threads have a lower priority than this one, which keeps its own."""
    ours, known = os.getpriority(os.PRIO_PROCESS, 0), _threads()
    lane = PasswordLane(CHEAP)
    await lane.hash("correct horse battery")
    hashing = _threads() - known
    lane.close()
    assert hashing
    for thread in hashing:
        assert os.getpriority(os.PRIO_PROCESS, thread) == ours + NICENESS
    assert os.getpriority(os.PRIO_PROCESS, 0) == ours


def _threads() -> set[int]:
    return {int(entry.name) for entry in Path("/proc/self/task").iterdir()}


async def test_clients_that_leave_do_not_widen_the_lane() -> None:
    """A place is taken until the work itself is over or was never begun."""
    lane = PasswordLane(
        AccountSettings(
            password_memory_kib=64 * 1024,
            password_time_cost=4,
            password_hashes_at_once_max=1,
            password_hashes_waiting_max=1,
        )
    )
    leaving = [asyncio.create_task(lane.hash("correct horse battery")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(PasswordsBusy):
        lane.require_place()
    for task in leaving:
        task.cancel()
    await asyncio.gather(*leaving, return_exceptions=True)
    assert (await lane.hash("correct horse battery")).startswith("$argon2id$")
    lane.close()
