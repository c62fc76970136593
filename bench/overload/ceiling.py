"""What the generator itself can do: everything offered to a place that answers at once.

A bench whose generator is the bottleneck measures the generator.  The ideal place is a bare
protocol in a process on the servers' core; the share of the load's core must stay below 60 %.
"""

import asyncio
import subprocess
import sys
import time

import uvloop

from bench.overload.results import Results
from bench.overload.stand import SERVER_CORE, draw, end, free_ports, offer, on_core
from solstice.drills.schedule import constant

RATES_PER_S = (2000.0, 4000.0, 6000.0)
SECONDS = 4
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n" + b'{"items":[]}'


class Ideal(asyncio.Protocol):
    """Answers whatever comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the transport."""
        self.transport = transport

    def data_received(self, _data: bytes) -> None:
        """Answer."""
        self.transport.write(ANSWER)  # type: ignore[attr-defined]


async def measure(results: Results, *, rates: tuple[float, ...] = RATES_PER_S) -> None:
    """Offer some rates and note what they cost, and how late the generator was."""
    (port,) = free_ports(1)
    ideal = _start(port)
    try:
        await _wait(port)
        for rate in rates:
            offered = await offer(port, draw(constant(rate), duration_s=SECONDS, seed=1), seed=1)
            record = offered.record
            late_ms = record.late_us.get_value_at_percentile(99) / 1000
            good = record.share_good(from_s=0, to_s=SECONDS)
            name = f"generator at {rate:.0f} per s"
            for what, value in (
                ("core share", offered.generator_share),
                ("late p99 ms", late_ms),
                ("share good", good),
            ):
                results.note(f"{name}, {what}", setup="ideal", run=0, value=value)
    finally:
        end(ideal)


def _start(port: int) -> subprocess.Popen[bytes]:
    with on_core(SERVER_CORE):
        return subprocess.Popen([sys.executable, "-m", "bench.overload.ceiling", str(port)])


async def _wait(port: int) -> None:
    deadline_s = time.monotonic() + 10
    while time.monotonic() < deadline_s:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise TimeoutError("the ideal place did not start")


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Ideal, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
