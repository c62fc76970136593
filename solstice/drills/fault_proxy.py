"""A TCP proxy that misbehaves on request: delay, jitter, stall, reset, half-close, bandwidth.

The kernel here may lack netem, so the faults of a network are made in a process of our own.  It
sits between two real processes; switching a fault on or off takes effect on the next chunk of
every connection, open ones included.
"""

import asyncio
import contextlib
import random
import socket
import struct
from dataclasses import dataclass, field, replace
from typing import Self

CHUNK_BYTES = 65_536
ACCEPT_BACKLOG = 1024


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with the network; the default is nothing."""

    latency_s: float = 0.0
    jitter_s: float = 0.0
    stalls: bool = False
    """Bytes are taken and never delivered, as behind a dead switch."""
    resets: bool = False
    """Connections end with RST at once, open ones at their next byte."""
    half_closes: bool = False
    """The server's answer never comes: its side is closed after the request."""
    refuses: bool = False
    """New connections are closed before a byte."""
    bytes_per_s: float | None = None


NO_FAULT = Fault()


@dataclass
class FaultProxy:
    """Listens on a loopback port and forwards to another one, through the current fault."""

    target_host: str
    target_port: int
    fault: Fault = NO_FAULT
    seed: int = 7
    port: int = 0
    _server: asyncio.Server | None = None
    _flowing: asyncio.Event = field(default_factory=asyncio.Event)
    _serving: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        self._flowing.set()
        self._dice = random.Random(self.seed)  # noqa: S311 - repeatable on purpose
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, backlog=ACCEPT_BACKLOG
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_exception: object) -> None:
        """Close everything, connections included."""
        if self._server:
            self._server.close()
        for task in list(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def set_fault(self, **changes: object) -> None:
        """Change the fault for all connections: `set_fault(latency_s=0.2)`; no change mends all."""
        self.fault = replace(NO_FAULT, **changes)  # type: ignore[arg-type]
        if self.fault.stalls:
            self._flowing.clear()
        else:
            self._flowing.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - start_server runs this in a task
        self._serving.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._serving.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.fault.refuses:
            return
        if self.fault.resets:
            _reset(writer)
            return
        upstream_reader, upstream_writer = await asyncio.open_connection(
            self.target_host, self.target_port
        )
        try:
            forth = asyncio.create_task(self._carry(reader, upstream_writer, is_answer=False))
            back = asyncio.create_task(self._carry(upstream_reader, writer, is_answer=True))
            _, pending = await asyncio.wait({forth, back}, return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()
            await asyncio.gather(forth, back, return_exceptions=True)
        finally:
            upstream_writer.transport.abort()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool
    ) -> None:
        """Forward one direction through whatever the fault is at each chunk."""
        while data := await reader.read(CHUNK_BYTES):
            fault = self.fault
            if fault.resets:
                _reset(writer)
                return
            if fault.half_closes and is_answer:
                with contextlib.suppress(OSError):
                    writer.write_eof()
                return
            await self._flowing.wait()
            pause_s = fault.latency_s + self._dice.uniform(0, fault.jitter_s)
            if fault.bytes_per_s:
                pause_s += len(data) / fault.bytes_per_s
            if pause_s:
                await asyncio.sleep(pause_s)
            writer.write(data)
            await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End the connection with RST instead of FIN (linger of zero)."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
