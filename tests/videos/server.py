"""Processes of ours as an operator starts them: to be killed, or to have their disk taken away."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from solstice.kit.database import DatabaseSettings
from solstice.settings import Settings
from tests.cast import PASSWORD
from tests.conftest import free_port

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Server:
    """A process of its own, `serve` or `work`, on a port that stays."""

    settings: Settings
    command: str = "serve"
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        self.process = self._spawn()
        async with asyncio.timeout(60), httpx.AsyncClient() as client:
            while True:
                assert self.process.poll() is None, "the server ended"
                try:
                    answer = await client.get(f"{self.address}/healthz/ready")
                except httpx.TransportError:
                    answer = None
                if answer is not None and answer.status_code == 200:
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.Event().wait(), timeout=0.1)

    def _spawn(self) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "SOLSTICE_STATE_DIR": str(self.settings.state_dir),
            "SOLSTICE_DATABASE_DSN": self.settings.of(DatabaseSettings).dsn,
            "SOLSTICE_OBJECTS_DISK_RESERVE_BYTES": "0",
            **self.more,
        }
        return subprocess.Popen(
            [sys.executable, "-m", "solstice", self.command, "--port", str(self.port)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def take_disk_away(self, *, file_bytes_max: int) -> None:
        """Let no file of the process grow beyond this, as a full disk or a quota would."""
        assert self.process is not None
        limits = (file_bytes_max, resource.RLIM_INFINITY)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, limits)

    def give_disk_back(self) -> None:
        """Free space again."""
        assert self.process is not None
        limits = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, limits)

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    async def sign_up(self) -> str:
        """Sign somebody up; returns their token."""
        async with httpx.AsyncClient(base_url=self.address) as client:
            name = f"ada{os.urandom(4).hex()}"
            answer = await client.post(
                "/v1/accounts",
                json={"name": name, "password": PASSWORD},
                headers={"sec-fetch-site": "same-origin"},
            )
            assert answer.status_code == 201, answer.text
            return client.cookies["solstice_session"]
