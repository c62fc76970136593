"""Load for one address: as much as it takes (wrk where it is, else ours), or at a fixed rate.

At a fixed rate each request has a time at which it is due, whatever became of those before; its
latency counts from then.  Otherwise a server that stalls would be asked less while it stalls
and its stall would hardly show (coordinated omission).
"""

import asyncio
import random
import re
import shutil
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 32
_WRK_SCRIPT = """
local requests, n = {}, 0
for line in io.lines("%(cookies)s") do
  n = n + 1
  requests[n] = "GET %(path)s HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nCookie: " .. line .. "\\r\\n\\r\\n"
end
math.randomseed(7)
request = function() return requests[math.random(n)] end
"""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a load found."""

    rate: float
    """Answers a second."""
    bad_count: int
    """Answers that were not 2xx, and none at all."""
    latencies_ms: list[float]
    """Sorted; empty where not measured."""

    def percentile_ms(self, share: float) -> float:
        """Tell a percentile of the latencies."""
        return self.latencies_ms[
            min(len(self.latencies_ms) - 1, int(len(self.latencies_ms) * share))
        ]


def press_with_ours(port: int, path: str, cookies: Sequence[str], *, seconds: float) -> Outcome:
    """Ask as fast as answers come, over 32 connections, whatever is installed here."""
    return asyncio.run(_ask(port, path, cookies, seconds=seconds, rate=None))


def press(port: int, path: str, cookies: Sequence[str], *, seconds: float, core: int) -> Outcome:
    """Ask as fast as answers come, over 32 connections, from one core."""
    if shutil.which("wrk") is None:
        return press_with_ours(port, path, cookies, seconds=seconds)
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "cookies"
        listed.write_text("\n".join(cookies) + "\n")
        script = Path(folder) / "script.lua"
        script.write_text(_WRK_SCRIPT % {"cookies": listed, "path": path})
        command = ["taskset", "-c", str(core), "wrk", "-t1", f"-c{CONNECTIONS}"]
        command += [f"-d{seconds:.0f}s", "-s", str(script), f"http://127.0.0.1:{port}{path}"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    assert rate, said
    return Outcome(rate=float(rate[1]), bad_count=int(bad[1]) if bad else 0, latencies_ms=[])


def ask_steadily(
    port: int, path: str, cookies: Sequence[str], *, seconds: float, rate: float
) -> Outcome:
    """Ask at a fixed rate and measure from the time each request was due."""
    return asyncio.run(_ask(port, path, cookies, seconds=seconds, rate=rate))


class _Client(asyncio.Protocol):
    """One keep-alive connection, one request at a time."""

    def __init__(self, load: "_Load") -> None:
        self.load = load
        self.buffer = b""
        self.due_s = 0.0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.load.idle.append(self)

    def ask(self, request: bytes, due_s: float) -> None:
        self.due_s = due_s
        assert self.transport
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(re.search(rb"content-length: (\d+)", head.lower())[1])  # type: ignore[index]
        if len(body) >= length:
            self.buffer = b""
            self.load.answered(self, is_good=head[9:10] == b"2")


class _Load:
    def __init__(self, requests: list[bytes]) -> None:
        self.requests = requests
        self.idle: deque[_Client] = deque()
        self.waiting: deque[float] = deque()
        self.latencies: list[float] = []
        self.bad_count = 0
        self.is_over = False
        self.is_pressed = False

    def next_request(self) -> bytes:
        return random.choice(self.requests)

    def due(self, due_s: float) -> None:
        if self.idle:
            self.idle.popleft().ask(self.next_request(), due_s)
        else:
            self.waiting.append(due_s)

    def answered(self, client: _Client, *, is_good: bool) -> None:
        now_s = time.perf_counter()
        self.latencies.append((now_s - client.due_s) * 1000)
        self.bad_count += not is_good
        if self.waiting:
            client.ask(self.next_request(), self.waiting.popleft())
        elif self.is_pressed and not self.is_over:
            client.ask(self.next_request(), now_s)
        else:
            self.idle.append(client)


async def _ask(
    port: int, path: str, cookies: Sequence[str], *, seconds: float, rate: float | None
) -> Outcome:
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: "
    load = _Load([f"{head}{cookie}\r\n\r\n".encode() for cookie in cookies])
    loop = asyncio.get_running_loop()
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: _Client(load), "127.0.0.1", port)
    started = time.perf_counter()
    if rate is None:
        load.is_pressed = True
        for _ in range(CONNECTIONS):
            load.due(time.perf_counter())
        await asyncio.sleep(seconds)
    else:
        number = 0
        while (elapsed := time.perf_counter() - started) < seconds:
            while number / rate <= elapsed:
                load.due(started + number / rate)
                number += 1
            await asyncio.sleep(0.0005)
    load.is_over = True
    await asyncio.sleep(0.5)
    took_s = seconds
    unanswered = len(load.waiting)
    latencies = sorted(load.latencies)
    for client in load.idle:
        if client.transport:
            client.transport.close()
    return Outcome(
        rate=len(latencies) / took_s,
        bad_count=load.bad_count + unanswered,
        latencies_ms=latencies,
    )
