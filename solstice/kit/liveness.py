"""Does a process that runs still answer?  Asked again and again, judged with caution.

Ending a process is the strongest remedy there is, and a watcher that errs is an outage of its
own (AWS, October 2025: health checks that flapped took healthy capacity away).  Therefore:

* Any HTTP answer is an answer, a refusal included: busy is not dead.
* Silence has to last: several questions in a row, each with a deadline.
* One removal at a time: the next waits until the last one answers again, or half a minute.
* When as many are silent as answer, the watcher or the machine is ill, not they: nobody is ended.
* A process that waited for a processor most of that time was starved; it gets `STARVED_S`, unless
  it spent what it got on running in circles (`Thread.has_spun_since`).
* A process that has not answered yet is still starting; it gets `STARTING_S`.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

STARTING_S = 150.0
STARVED_S = 10.0
STARVED_SHARE = 0.5
SPUN_S_MIN = 0.3
KERNEL_SHARE_MIN = 0.05
"""An edge under load spends a quarter of its time in the kernel (23 % measured), one that runs in
circles up to 3 % (interrupts).  The kernel samples a hundred times a second: among 30 samples a
quarter is taken for less than a twentieth once in 250 times, and that edge must also have left
three questions unanswered meanwhile."""
REMOVAL_S_MAX = 30.0
AGAIN_S = 0.05
"""After silence the next question follows at once: its deadline was the pause."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """Where to ask, how often, how long to wait for an answer, and how much silence is too much."""

    port: int
    host: str = "127.0.0.1"
    path: str = "/healthz/live"
    interval_s: float = 2.0
    timeout_s: float = 2.0
    silences_max: int = 3


@dataclass(kw_only=True)
class Trace:
    """What is known of one process since its present start."""

    start: float | None = None
    known_since_s: float = 0.0
    has_answered: bool = False
    silences: int = 0
    silent_since_s: float = 0.0


@dataclass(kw_only=True)
class Vigil:
    """Decides who has been silent for too long.  Pure: time and answers are given to it."""

    traces: dict[str, Trace] = field(default_factory=dict)
    _removed: str | None = None
    _removed_at_s: float = 0.0

    def note(
        self,
        name: str,
        *,
        start: float | None,
        is_answered: bool,
        now_s: float,
        is_ready: bool = False,
    ) -> None:
        """Take down one answer, or its absence; another `start` is another process.

        One that called itself ready (`is_ready`) is not starting any more, whoever heard it.
        A process that is not running (`start` None) is nobody to judge, but is missing.
        """
        trace = self.traces.get(name)
        if trace is None or trace.start != start:
            trace = self.traces[name] = Trace(start=start, known_since_s=now_s)
        if is_answered:
            trace.has_answered, trace.silences = True, 0
            if self._removed == name:
                self._removed = None
            return
        trace.has_answered = trace.has_answered or is_ready
        if not trace.silences:
            trace.silent_since_s = now_s
        trace.silences += 1

    def forgive(self) -> None:
        """Forget all silence: the watcher itself was away, so nobody was heard."""
        for trace in self.traces.values():
            trace.silences = 0

    def condemn(self, name: str, question: Question, *, is_starved: bool, now_s: float) -> bool:
        """Decide whether this process is to be ended now; if so, the next has to wait for it."""
        trace = self.traces[name]
        if trace.start is None or trace.silences < question.silences_max:
            return False
        if not trace.has_answered and now_s - trace.known_since_s < STARTING_S:
            return False
        if is_starved and now_s - trace.silent_since_s < STARVED_S:
            return False
        silent = sum(1 for other in self.traces.values() if other.silences or other.start is None)
        if len(self.traces) > 1 and silent * 2 >= len(self.traces):
            return False
        if self._removed is not None and now_s - self._removed_at_s < REMOVAL_S_MAX:
            return False
        self._removed, self._removed_at_s = name, now_s
        return True


async def ask(question: Question) -> bool:
    """Ask once; True for any HTTP answer within the deadline.

    Four system calls on a socket of its own: this runs for ever, on an idle machine too.
    """
    loop = asyncio.get_running_loop()
    request = f"GET {question.path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    with socket.socket(socket.AF_INET) as connection:
        connection.setblocking(False)
        try:
            async with asyncio.timeout(question.timeout_s):
                await loop.sock_connect(connection, (question.host, question.port))
                await loop.sock_sendall(connection, request.encode())
                answer = await loop.sock_recv(connection, 4096)
        except OSError:
            return False
    return answer.startswith(b"HTTP/")


@dataclass(frozen=True, kw_only=True)
class Thread:
    """What one thread has had of the processors so far."""

    ran_s: float = 0.0
    waited_s: float = 0.0
    kernel_s: float = 0.0
    sleeps: int = 0
    """How often it gave its processor up by itself, to wait for something."""

    def has_spun_since(self, before: "Thread") -> bool:
        """Whether it neither waited for anything nor asked the kernel for anything.

        Whoever works asks for its next event and sends its answers, however busy it is.
        """
        kernel_s, ran_s = self.kernel_s - before.kernel_s, self.ran_s - before.ran_s
        return self.sleeps == before.sleeps and kernel_s <= KERNEL_SHARE_MIN * ran_s


def was_starved(
    before: Mapping[int, Thread], after: Mapping[int, Thread], *, over_s: float
) -> bool:
    """Whether a process was silent for want of a processor, and not because it runs in circles.

    Takes what its threads had when its silence began, and `over_s` seconds later.
    """
    new = Thread()
    waited_s = sum(now.waited_s - before.get(tid, new).waited_s for tid, now in after.items())
    spun_s = sum(
        now.ran_s - before.get(tid, new).ran_s
        for tid, now in after.items()
        if now.has_spun_since(before.get(tid, new))
    )
    return waited_s > STARVED_SHARE * over_s and spun_s < SPUN_S_MIN


def read_threads(pid: int) -> dict[int, Thread]:
    """Read what each thread of a process has had so far; nothing of one that has ended."""
    return dict(_read_threads(Path(f"/proc/{pid}/task")))


def _read_threads(tasks: Path) -> Iterator[tuple[int, Thread]]:
    # proc(5): schedstat counts nanoseconds; stime is the 15th field of stat, the 13th after the
    # name, which may itself hold blanks and brackets.
    ticks_per_s = os.sysconf("SC_CLK_TCK")
    with contextlib.suppress(OSError):
        for task in tasks.iterdir():
            with contextlib.suppress(OSError, ValueError, IndexError):
                ran, waited, _ = (task / "schedstat").read_text().split()
                stat = (task / "stat").read_text().rpartition(")")[2].split()
                sleeps = (task / "status").read_text().partition("\nvoluntary_ctxt_switches:")[2]
                yield (
                    int(task.name),
                    Thread(
                        ran_s=int(ran) / 1e9,
                        waited_s=int(waited) / 1e9,
                        kernel_s=int(stat[12]) / ticks_per_s,
                        sleeps=int(sleeps.split()[0]),
                    ),
                )
