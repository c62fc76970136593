"""Does a process that runs still answer?  Asked again and again, judged with caution.

Ending a process is the strongest remedy there is, and a watcher that errs is an outage of its
own (AWS, October 2025: health checks that flapped took healthy capacity away).  Therefore:

* Any HTTP answer is an answer, a refusal included: busy is not dead.
* Silence has to last: several questions in a row, each with a deadline.
* One removal at a time: the next waits until the last one answers again, or half a minute.
* When as many are silent as answer, the watcher or the machine is ill, not they: nobody is ended.
* A process that waited for a processor most of that time was starved; it gets `STARVED_S`.
* A process that has not answered yet is still starting; it gets `STARTING_S`.
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

STARTING_S = 150.0
STARVED_S = 10.0
STARVED_SHARE = 0.5
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


def read_waited_s(pid: int) -> float:
    """Read how long the threads of a process have waited for a processor so far.

    Second field of /proc/PID/task/TID/schedstat, in nanoseconds (Linux, Documentation/scheduler).
    """
    return sum(_read_waits(Path(f"/proc/{pid}/task"))) / 1e9


def _read_waits(tasks: Path) -> Iterable[int]:
    with contextlib.suppress(OSError):
        for task in tasks.iterdir():
            with contextlib.suppress(OSError, ValueError, IndexError):
                yield int((task / "schedstat").read_text().split()[1])
