"""The OpenAPI document is true: Schemathesis finds no failure of ours, no undocumented answer.

Cases are generated from our own document, sent to the served application in this process, as
nobody and as somebody who has just signed up, and each answer is held against the document:
its status, its type, its schema.  The same cases each time, so that red means changed.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from solstice.kit.asgi import App
from solstice.kit.ids import new_id
from tests.cast import PASSWORD
from tests.served import ORIGIN, browser

CASES_EACH = int(os.environ.get("SOLSTICE_OPENAPI_CASES", "8"))
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@dataclass
class Caller:
    """Sends generated cases from a worker thread into the loop the application runs in."""

    client: httpx.AsyncClient
    loop: asyncio.AbstractEventLoop

    def send(self, case: Any) -> httpx.Response:
        """Send one case and wait for its answer."""
        asked = requests.Request(**case.as_transport_kwargs(base_url=ORIGIN)).prepare()
        headers = {
            name: value
            for name, value in asked.headers.items()
            if name.lower() not in {"cookie", "authorization", "user-agent", "content-length"}
        }
        sending = self.client.request(
            str(asked.method), str(asked.url), headers=headers, content=_bytes(asked.body)
        )
        return asyncio.run_coroutine_threadsafe(sending, self.loop).result(30)


def _bytes(body: Any) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else body.read()


@pytest.fixture(scope="module")
async def document(app: App) -> dict[str, Any]:
    """The document as it is served."""
    async with browser(app) as client:
        answer = await client.get("/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


@pytest.fixture(params=["anonymous", "somebody"])
async def caller(app: App, request: pytest.FixtureRequest) -> AsyncIterator[Caller]:
    """Nobody, and somebody new."""
    async with browser(app) as client:
        if request.param == "somebody":
            said = {"name": f"p{new_id().hex[-12:]}", "password": PASSWORD}
            assert (await client.post("/v1/accounts", json=said)).status_code == 201
        yield Caller(client, asyncio.get_running_loop())


@pytest.mark.slow
@pytest.mark.filterwarnings(
    # The application draws random numbers in its own thread while a case is being made.
    "ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning"
)
async def test_every_answer_is_in_the_document(document: dict[str, Any], caller: Caller) -> None:
    """All operations; every broken promise is listed, not only the first."""
    schema = schemathesis.openapi.from_dict(document)
    broken = []
    for result in schema.get_all_operations():
        operation = result.ok()
        cookies = [(cookie.name, cookie.value or "") for cookie in caller.client.cookies.jar]
        found = await asyncio.to_thread(_try, operation, caller)
        broken += [f"{operation.label}: {complaint}" for complaint in found]
        caller.client.cookies = httpx.Cookies(cookies)
    assert not broken, "\n".join(broken)


def _try(operation: Any, caller: Caller) -> list[str]:
    """Send an operation's cases; returns what was wrong with the answers, each once."""
    complaints: dict[str, None] = {}

    @settings(
        max_examples=CASES_EACH,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        answer = caller.send(case)
        try:
            case.validate_response(answer, checks=CHECKS)
        except BaseException as failure:  # noqa: BLE001 - a group of several kinds
            for one in getattr(failure, "exceptions", [failure]):
                said = f"{answer.status_code} {type(one).__name__}: {str(one).splitlines()[0]}"
                complaints.setdefault(said[:200])

    check()
    return list(complaints)


async def test_operations_say_what_they_are_for(document: dict[str, Any]) -> None:
    """Whoever reads the document knows what each is for."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description"), (method, path)
