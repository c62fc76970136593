"""A server whose clock the test moves, and people who come to it from networks of their own."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from solstice.kit.asgi import App
from solstice.kit.ids import new_id
from solstice.settings import Settings
from tests.cast import PASSWORD, Person
from tests.served import browser


@dataclass
class Hand:
    """A clock that stands where the test put it."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        """Tell the instant."""
        return self.now

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


@dataclass
class Place:
    """A server with a clock of its own, and people who come to it from their networks."""

    app: App
    clock: Hand

    def client(self, network: str = "192.0.2.1") -> httpx.AsyncClient:
        """Come with a fresh browser from a network, as the edge would tell the server."""
        client = browser(self.app)
        client.headers["x-forwarded-for"] = network
        return client

    async def sign_up(self, network: str = "192.0.2.1", **said: Any) -> Person:
        """Sign somebody up under a name nobody has."""
        client = self.client(network)
        name = f"p{new_id().hex[-12:]}"
        body = {"name": name, "password": PASSWORD} | said
        answer = await client.post("/v1/accounts", json=body)
        assert answer.status_code == 201, answer.text
        return Person(UUID(answer.json()["id"]), name, client)

    async def log_in(
        self, client: httpx.AsyncClient, name: str, password: str = PASSWORD
    ) -> httpx.Response:
        """Try to log in."""
        return await client.post("/v1/sessions", json={"name": name, "password": password})


def changed(settings: Settings, kind: type[Any], **values: object) -> Settings:
    """Make settings that differ in one feature."""
    features = dict(settings.features)
    features[kind] = replace(settings.of(kind), **values)
    return replace(settings, features=features)
