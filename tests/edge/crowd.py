"""Six small servers behind a real edge, each of which can be told to become grey."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from solstice.edge.topology import EdgeTopology, Endpoint
from tests.edge.stage import free_ports, running_envoy

WORK_S = 0.02
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
BROKEN = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n"
LARGE = b"HTTP/1.1 200 OK\r\ncontent-length: 1048576\r\n\r\n" + bytes(1048576)
LOAD = b'HTTP/1.1 200 OK\r\ncontent-length: 28\r\n\r\n{"admitted":{},"refused":{}}'
NOT_READY = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"


class GreyServer:
    """Answers after `WORK_S`, until `mode` says otherwise; counts the people that reached it.

    Modes: well, slow, hangs, drops, fails, large.  Health: well, flaps, hangs, drops.
    """

    def __init__(self) -> None:
        self.mode = "well"
        self.health = "well"
        self.port = 0
        self.seen = 0
        self.pages = 0
        """Asked for by who looks after the edge."""
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self._ended = asyncio.Event()

    async def start(self) -> None:
        """Listen."""
        self._ended.clear()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def end(self) -> None:
        """Stop listening and cut every connection, as a killed process does."""
        if self._server:
            self._server.close()
            self._ended.set()
            for connection in self._connections:
                connection.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = head.lower().partition("content-length: ")[2].partition("\r\n")[0]
                await reader.readexactly(int(length or 0))
                self.seen += " / " in head
                self.pages += " /v1/feed/" in head
                answer = await self._answer(is_check=" /healthz/" in head)
                if answer is None:
                    break
                writer.write(answer)
        self._connections.discard(writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def _answer(self, *, is_check: bool) -> bytes | None:
        if is_check:
            return await self._answer_check()
        match self.mode:
            case "hangs":
                await self._ended.wait()
            case "drops":
                return None
            case "fails":
                return BROKEN
            case "large":
                return LARGE
            case mode:
                await asyncio.sleep(WORK_S * (10 if mode == "slow" else 1))
        return OK

    async def _answer_check(self) -> bytes | None:
        if self.health == "drops":
            return None
        if self.health == "hangs":
            await self._ended.wait()
        is_ill = self.health == "flaps" and random.random() < 0.5  # noqa: S311
        return NOT_READY if is_ill else LOAD


class Crowd:
    """The servers and their edge."""

    def __init__(self, servers: list[GreyServer], topology: EdgeTopology, directory: Path) -> None:
        self.servers = servers
        self.topology = topology
        self.directory = directory

    async def ask(self, method: str = "GET") -> int:
        """Ask the edge once on a connection of one's own; 0 when nothing came back."""
        head = f"{method} / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.topology.port)
            writer.write(head.encode())
            line = await reader.readline()
            writer.close()
            await writer.wait_closed()
        except OSError:
            return 0
        return int(line.split()[1]) if line else 0

    async def ask_many(self, count: int, *, rate: float) -> Counter[int]:
        """Ask on a fixed schedule, whatever comes back; count the answers by status."""
        loop, answers = asyncio.get_running_loop(), Counter[int]()

        async def one() -> None:
            answers[await self.ask()] += 1

        began_s = loop.time()
        async with asyncio.TaskGroup() as group:
            for number in range(count):
                await asyncio.sleep(max(0.0, began_s + number / rate - loop.time()))
                group.create_task(one())
        return answers


@asynccontextmanager
async def running_crowd(directory: Path, *, size: int = 6) -> AsyncIterator[Crowd]:
    """Run some servers, a media process and a real edge until the block ends."""
    servers, media = [GreyServer() for _ in range(size)], GreyServer()
    media.mode = "large"
    for server in (*servers, media):
        await server.start()
    port, metrics_port = free_ports(2)
    topology = EdgeTopology(
        servers=tuple(Endpoint(host="127.0.0.1", port=server.port) for server in servers),
        media=(Endpoint(host="127.0.0.1", port=media.port),),
        port=port,
        metrics_port=metrics_port,
    )
    edge = running_envoy(topology, directory=directory)
    # Envoy looks for a healthy server before it counts as started: our loop has to answer it.
    await asyncio.to_thread(edge.__enter__)
    try:
        yield Crowd(servers, topology, directory)
    finally:
        await asyncio.to_thread(edge.__exit__, None, None, None)
        for server in (*servers, media):
            await server.end()
