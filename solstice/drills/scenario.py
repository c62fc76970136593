"""Scenarios: a steady state, a method, rollbacks; run, watched, undone, judged.

The shape is Chaos Toolkit's experiment (steady-state hypothesis, method, rollbacks, journal), as
Python values.  If the steady state does not hold before, nothing is broken on purpose.  Rollbacks
always run.  A run prints its seed and commit, so a failed one can be repeated.
"""

import asyncio
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Status = Literal["completed", "failed", "aborted"]
ACTION_TIMEOUT_S = 120.0


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A claim that can be checked: the sentence is the promise it stands for."""

    sentence: str
    holds: Callable[[], Awaitable[bool]]
    within_s: float = 5.0


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something done to the platform, and how long to wait after it."""

    name: str
    run: Callable[[], Awaitable[None]]
    pause_after_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One disaster."""

    title: str
    description: str
    steady_state: tuple[Probe, ...]
    method: tuple[Action, ...]
    rollbacks: tuple[Action, ...] = ()
    promises: tuple[Probe, ...] = ()
    """What must hold after the method, besides the steady state."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One probe's verdict, or one action's end."""

    kind: Literal["before", "method", "promise", "after", "rollback"]
    name: str
    is_good: bool
    at_s: float
    detail: str = ""


@dataclass(kw_only=True)
class Journal:
    """What happened, in order."""

    title: str
    seed: int
    commit: str
    status: Status = "completed"
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_kept(self) -> bool:
        """Whether every promise held."""
        return self.status == "completed" and all(f.is_good for f in self.findings)


async def run_scenario(scenario: Scenario, *, seed: int) -> Journal:
    """Run one disaster to its end and undo it.

    Status: "failed" when the steady state did not hold before (nothing was broken then),
    "aborted" when an action could not be carried out, otherwise "completed".
    """
    journal = Journal(title=scenario.title, seed=seed, commit=current_commit())
    started_s = time.monotonic()

    def note(kind: str, name: str, *, is_good: bool, detail: str = "") -> bool:
        journal.findings.append(
            Finding(
                kind=kind,  # type: ignore[arg-type]
                name=name,
                is_good=is_good,
                at_s=round(time.monotonic() - started_s, 3),
                detail=detail,
            )
        )
        return is_good

    for probe in scenario.steady_state:
        if not note("before", probe.sentence, is_good=await _holds_in_time(probe)):
            journal.status = "failed"
            return journal
    try:
        for action in scenario.method:
            detail = await _carry_out(action)
            if not note("method", action.name, is_good=not detail, detail=detail):
                journal.status = "aborted"
                return journal
        for probe in scenario.promises:
            note("promise", probe.sentence, is_good=await _holds_in_time(probe))
    finally:
        for action in scenario.rollbacks:
            detail = await _carry_out(action)
            note("rollback", action.name, is_good=not detail, detail=detail)
    for probe in scenario.steady_state:
        note("after", probe.sentence, is_good=await _holds_in_time(probe))
    return journal


async def _holds_in_time(probe: Probe) -> bool:
    """Ask until it holds, at most `within_s`."""
    deadline_s = time.monotonic() + probe.within_s
    while True:
        try:
            async with asyncio.timeout(max(0.1, deadline_s - time.monotonic())):
                if await probe.holds():
                    return True
        except (OSError, TimeoutError):
            pass
        if time.monotonic() >= deadline_s:
            return False
        await asyncio.sleep(0.05)


async def _carry_out(action: Action) -> str:
    """Run an action; returns what went wrong, empty for nothing."""
    try:
        async with asyncio.timeout(ACTION_TIMEOUT_S):
            await action.run()
    except (OSError, RuntimeError, TimeoutError) as error:
        return repr(error)
    await asyncio.sleep(action.pause_after_s)
    return ""


def current_commit() -> str:
    """Return the commit of this checkout, "unknown" outside of one."""
    try:
        ended = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return ended.stdout.strip() or "unknown"
