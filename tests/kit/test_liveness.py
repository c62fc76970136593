"""Who is asked whether it lives, and when silence is enough to be ended for."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solstice.kit.liveness import (
    REMOVAL_S_MAX,
    SPUN_S_MIN,
    STARTING_S,
    STARVED_S,
    STARVED_SHARE,
    Question,
    Thread,
    Vigil,
    ask,
    read_threads,
    was_starved,
)

NAMES = ("ada", "bo", "mallory", "media", "edge")
STARTED_S = 0.1
"""Of a processor: what an interpreter needs to reach its program, and more."""
QUESTION = Question(port=1, interval_s=1.0, timeout_s=1.0, silences_max=3)


class Stage:
    """Five processes that have answered once; then each is silent or not, second by second."""

    def __init__(self) -> None:
        self.vigil = Vigil()
        self.starts = dict.fromkeys(NAMES, 1.0)
        self.now_s = 0.0
        self.pass_second(silent=())

    def pass_second(self, *, silent: tuple[str, ...], starved: bool = False) -> list[str]:
        """Ask everybody once; return who is condemned, and start them anew."""
        self.now_s += 1.0
        for name in NAMES:
            self.vigil.note(
                name, start=self.starts[name], is_answered=name not in silent, now_s=self.now_s
            )
        condemned = [
            name
            for name in NAMES
            if self.vigil.condemn(name, QUESTION, is_starved=starved, now_s=self.now_s)
        ]
        for name in condemned:
            self.starts[name] = self.now_s
        return condemned

    def pass_time(self, seconds: float, *, silent: tuple[str, ...], starved: bool = False) -> int:
        """Go on so for a while; return how many were condemned."""
        rounds = range(int(seconds))
        return sum(len(self.pass_second(silent=silent, starved=starved)) for _ in rounds)


def test_only_lasting_silence_is_held_against_a_process() -> None:
    """One lost answer is the network's or the machine's; three in a row are its own."""
    stage = Stage()
    assert stage.pass_second(silent=("bo",)) == []
    assert stage.pass_second(silent=("bo",)) == []
    assert stage.pass_second(silent=()) == []
    assert stage.pass_second(silent=("bo",)) == []
    assert stage.pass_second(silent=("bo",)) == []
    assert stage.pass_second(silent=("bo",)) == ["bo"]


def test_the_second_waits_until_the_first_answers_again() -> None:
    """Two hung servers are replaced one after the other: one of them always takes requests."""
    stage = Stage()
    assert stage.pass_time(2, silent=("ada", "bo")) == 0
    assert stage.pass_second(silent=("ada", "bo")) == ["ada"]
    assert stage.pass_time(10, silent=("ada", "bo")) == 0
    assert stage.pass_second(silent=("bo",)) == ["bo"]


def test_one_that_never_comes_back_does_not_protect_the_next_for_ever() -> None:
    """After half a minute the next one's turn comes."""
    stage = Stage()
    stage.pass_time(3, silent=("ada", "bo"))
    assert stage.pass_time(REMOVAL_S_MAX, silent=("ada", "bo")) == 1


@pytest.mark.parametrize("count", [3, 4, 5])
def test_when_most_are_silent_nobody_is_ended(count: int) -> None:
    """Then the watcher or the machine is ill: a wave of restarts would finish it."""
    stage = Stage()
    assert stage.pass_time(600, silent=NAMES[:count]) == 0


def test_processes_that_are_away_count_among_the_silent() -> None:
    """While three start anew, the fourth is not ended as well."""
    stage, now_s = Stage(), 100.0
    for name in NAMES[:3]:
        stage.vigil.note(name, start=None, is_answered=False, now_s=now_s)
    for _ in range(10):
        stage.vigil.note("edge", start=1.0, is_answered=False, now_s=now_s)
    assert not stage.vigil.condemn("edge", QUESTION, is_starved=False, now_s=now_s + 60)


def test_a_process_that_got_no_processor_is_given_longer() -> None:
    """On a machine with seven times the work it can do, silence says little."""
    stage = Stage()
    assert stage.pass_time(STARVED_S, silent=("bo",), starved=True) == 0
    assert stage.pass_second(silent=("bo",), starved=True) == ["bo"]


def test_a_process_that_starts_is_given_its_time() -> None:
    """Until its first answer it is starting; but not for ever."""
    vigil = Vigil()
    for second in range(int(STARTING_S)):
        vigil.note("ada", start=1.0, is_answered=False, now_s=float(second))
        assert not vigil.condemn("ada", QUESTION, is_starved=False, now_s=float(second))
    assert vigil.condemn("ada", QUESTION, is_starved=False, now_s=STARTING_S)


def test_a_process_that_was_ready_is_not_starting_any_more() -> None:
    """Hung in the half second before it was first asked, an edge was left alone for 150 s."""
    vigil = Vigil()
    for second in range(3):
        vigil.note("ada", start=1.0, is_answered=False, now_s=float(second), is_ready=True)
    assert vigil.condemn("ada", QUESTION, is_starved=False, now_s=3.0)


def test_a_new_process_does_not_inherit_the_silence_of_the_old() -> None:
    """What counts is what this one has done since its own start."""
    stage = Stage()
    stage.pass_time(2, silent=("bo",))
    stage.starts["bo"] = 9.0
    assert stage.pass_time(5, silent=("bo",)) == 0


def test_a_watcher_that_was_away_forgives_everybody() -> None:
    """A laptop that slept, a stopped supervisor: nobody was heard because nobody listened."""
    stage = Stage()
    stage.pass_time(2, silent=("bo",))
    stage.vigil.forgive()
    assert stage.pass_second(silent=("bo",)) == []


@given(st.lists(st.sets(st.sampled_from(NAMES)), max_size=120))
def test_removals_are_never_closer_than_an_answer_or_half_a_minute(
    rounds: list[set[str]],
) -> None:
    """However answers flap: one at a time, and never while most are silent."""
    stage, removed, at_s = Stage(), "", -REMOVAL_S_MAX
    for silent in rounds:
        if removed and removed not in silent:
            removed = ""
        condemned = stage.pass_second(silent=tuple(silent))
        assert len(condemned) <= 1
        if condemned:
            assert not removed or stage.now_s - at_s >= REMOVAL_S_MAX
            assert len(silent) * 2 < len(NAMES)
            removed, at_s = condemned[0], stage.now_s


@asynccontextmanager
async def answering(answer: bytes | None) -> AsyncIterator[Question]:
    """Listen on a port; give this answer to whatever is asked, or none at all."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield Question(port=port, timeout_s=0.3 if answer is None else 10.0)


@pytest.mark.parametrize(
    ("answer", "is_alive"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", True),
        (b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n", True),
        (b"", False),
        (None, False),
    ],
    ids=["well", "busy", "drops", "hangs"],
)
async def test_any_answer_is_a_sign_of_life(answer: bytes | None, *, is_alive: bool) -> None:
    """A refusal is one too; taking the connection is none."""
    async with answering(answer) as question:
        assert await ask(question) is is_alive


async def test_nobody_listening_is_silence() -> None:
    """A process that lost its port serves nobody."""
    async with answering(b"") as question:
        pass
    assert await ask(question) is False


WORKS_UNTIL_STOPPED = "import os\nwhile True: os.stat('.')"
SPINS_UNTIL_STOPPED = "while True: pass"


@contextmanager
def running(program: str) -> Iterator[int]:
    """Run a Python program until the end of the test."""
    child = subprocess.Popen([sys.executable, "-I", "-S", "-c", program])
    try:
        yield child.pid
    finally:
        child.kill()
        child.wait()


def let_run(pid: int, *, seconds: float) -> tuple[dict[int, Thread], dict[int, Thread]]:
    """Return what its only thread had before it ran that long in its loop, and after."""
    while read_threads(pid)[pid].ran_s < STARTED_S:
        pass
    before = after = read_threads(pid)
    while after[pid].ran_s - before[pid].ran_s < seconds:
        after = read_threads(pid)
    return before, after


def test_a_stopped_process_does_not_wait_for_a_processor() -> None:
    """So that a hung one is not taken for a starved one; an ended one has had nothing."""
    assert any(thread.waited_s > 0 for thread in read_threads(os.getpid()).values())
    with running("import time; time.sleep(60)") as pid:
        os.kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED)
        before = read_threads(pid)
        assert not was_starved(before, read_threads(pid), over_s=0.01)
    assert read_threads(pid) == {}


@pytest.mark.parametrize(
    ("program", "spins"),
    [(WORKS_UNTIL_STOPPED, False), (SPINS_UNTIL_STOPPED, True)],
    ids=["works", "spins"],
)
def test_who_runs_in_circles_asks_the_kernel_for_nothing(program: str, *, spins: bool) -> None:
    """The busiest event loop asks for its next event; Bilibili's loop in Lua never did."""
    with running(program) as pid:
        before, after = let_run(pid, seconds=2 * SPUN_S_MIN)
    assert after[pid].has_spun_since(before[pid]) is spins


@pytest.mark.parametrize(
    ("worker", "is_starved"),
    [
        (Thread(ran_s=0.3, waited_s=0.7, kernel_s=0.1), True),
        (Thread(ran_s=0.3, waited_s=0.7, sleeps=1), True),
        (Thread(ran_s=0.01, waited_s=0.9), True),
        (Thread(ran_s=0.9, waited_s=0.1, kernel_s=0.5), False),
        (Thread(ran_s=0.0, waited_s=0.0), False),
        (Thread(ran_s=0.4, waited_s=0.6), False),
    ],
    ids=["overloaded", "slept", "hardly ran", "had a processor", "stopped", "spins"],
)
def test_one_that_wanted_a_processor_and_works_when_it_has_one_is_starved(
    worker: Thread, *, is_starved: bool
) -> None:
    """The second in which it did not answer, thread by thread."""
    before, after = {1: Thread(), 2: Thread()}, {1: Thread(sleeps=2), 2: worker}
    assert was_starved(before, after, over_s=1.0) is is_starved


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8), st.floats(0.06, 0.5))
def test_however_busy_it_is_whoever_asks_the_kernel_does_not_spin(
    shares: list[float], kernel_s: float
) -> None:
    """Ten times the load on two cores: its threads want more than there is, and each works."""
    after = {
        tid: Thread(ran_s=1.0 - share, waited_s=share, kernel_s=kernel_s)
        for tid, share in enumerate(shares)
    }
    assert was_starved({}, after, over_s=1.0) is (sum(shares) > STARVED_SHARE)
