"""The proxy is invisible until a fault is switched on, and again once it is switched off."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from solstice.drills.fault_proxy import FaultProxy


@pytest.fixture
async def proxy() -> AsyncIterator[FaultProxy]:
    """A proxy before a server that echoes."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1000):
                writer.write(data)
        except ConnectionError:
            pass
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with FaultProxy("127.0.0.1", server.sockets[0].getsockname()[1]) as made:
        yield made
    server.close()


async def exchange(proxy: FaultProxy, *, patience_s: float = 2.0) -> bytes:
    """Send five bytes on a new connection and return what comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        async with asyncio.timeout(patience_s):
            writer.write(b"hello")
            return await reader.read(100)
    finally:
        writer.transport.abort()


async def test_without_a_fault_it_is_invisible(proxy: FaultProxy) -> None:
    """Bytes go through unchanged."""
    assert await exchange(proxy) == b"hello"


async def test_latency_delays_each_way(proxy: FaultProxy) -> None:
    """50 ms there and 50 ms back."""
    proxy.set_fault(latency_s=0.05)
    started_s = time.perf_counter()
    assert await exchange(proxy) == b"hello"
    assert time.perf_counter() - started_s >= 0.1


async def test_a_stall_delivers_nothing_until_it_ends(proxy: FaultProxy) -> None:
    """As behind a dead switch."""
    proxy.set_fault(stalls=True)
    with pytest.raises(TimeoutError):
        await exchange(proxy, patience_s=0.1)
    proxy.set_fault()
    assert await exchange(proxy) == b"hello"


async def test_a_reset_is_a_reset(proxy: FaultProxy) -> None:
    """RST, which clients must tell from an orderly end."""
    proxy.set_fault(resets=True)
    with pytest.raises(ConnectionResetError):
        await exchange(proxy)


@pytest.mark.parametrize("fault", ["half_closes", "refuses"])
async def test_an_end_before_the_answer_is_an_empty_answer(proxy: FaultProxy, fault: str) -> None:
    """The client sees the end of the stream, or a reset for what it sent too late."""
    proxy.set_fault(**{fault: True})
    try:
        assert await exchange(proxy) == b""
    except ConnectionResetError:
        assert fault == "refuses"


async def test_bandwidth_is_a_pause_by_size(proxy: FaultProxy) -> None:
    """5 bytes at 50 a second take a tenth of a second each way."""
    proxy.set_fault(bytes_per_s=50.0)
    started_s = time.perf_counter()
    assert await exchange(proxy) == b"hello"
    assert time.perf_counter() - started_s >= 0.2
