"""The layer itself: what it lets through, what it says when it does not."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from solstice.admission import Admission, AdmissionSettings, Priority, RouteTable
from solstice.kit.asgi import Receive, Scope, Send
from solstice.kit.context import DEADLINE_AT_S, DEGRADATION, Degradation
from solstice.kit.metrics import FAILED_OPEN
from solstice.kit.waiting_page import WAITING_PAGE_HEADERS
from tests.served import browser, serving

ROUTES = RouteTable(
    [("GET", "/watch", Priority.PLAYBACK), ("GET", "/telemetry", Priority.DEFERRABLE)],
    default=Priority.INTERACTIVE,
)


class Place:
    """An application that works until it is told to finish."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.seen: list[str] = []
        self.deadlines: list[float] = []
        self.degradations: list[int] = []

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Note the request, wait, answer."""
        self.seen.append(scope["path"])
        self.deadlines.append(DEADLINE_AT_S.get())
        self.degradations.append(DEGRADATION.get())
        await self.open.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


class LivingPlace(Place):
    """One with a lifespan, as a server's application has."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start and stop when told to; answer the rest."""
        if scope["type"] != "lifespan":
            await super().__call__(scope, receive, send)
            return
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})


@asynccontextmanager
async def guarded(
    place: Place, settings: AdmissionSettings | None = None
) -> AsyncIterator[tuple[Admission, httpx.AsyncClient]]:
    """Put admission before the place."""
    chosen = settings or AdmissionSettings()
    admission = Admission(place, routes=ROUTES, settings=chosen, salt=b"salt")
    async with browser(admission) as client:
        yield admission, client


async def test_an_admitted_request_is_answered_with_the_servers_level() -> None:
    """The client and the edge learn how open the server is."""
    async with guarded(Place()) as (_, client):
        answer = await client.get("/watch")
    assert answer.status_code == 200
    assert answer.headers["x-solstice-level"] == "100"
    assert answer.headers["endpoint-load-metrics"].startswith("TEXT application_utilization=")


async def test_a_refusal_is_429_with_a_jittered_retry_after_and_reaches_nobody() -> None:
    """Never 503: a balancer would eject a server that is only busy."""
    place = Place()
    async with guarded(place) as (admission, client):
        admission.controller.level.level = 16.0
        answers = [await client.get("/telemetry") for _ in range(20)]
    assert {answer.status_code for answer in answers} == {429}
    assert all(1 <= int(answer.headers["retry-after"]) <= 4 for answer in answers)
    assert len({answer.headers["retry-after"] for answer in answers}) > 1
    assert answers[0].json()["title"] == "Busy"
    assert place.seen == []


@pytest.mark.parametrize(
    "said", [{"sec-fetch-mode": "navigate"}, {"accept": "text/html,application/xhtml+xml,*/*"}]
)
async def test_a_person_is_refused_with_a_page_that_waits_and_asks_again(
    said: dict[str, str],
) -> None:
    """It waits as long as programs are told to, which differs by chance."""
    async with guarded(Place()) as (admission, client):
        admission.controller.level.level = 16.0
        pages = [await client.get("/telemetry", headers=said) for _ in range(20)]
    assert {page.status_code for page in pages} == {429}
    assert all(WAITING_PAGE_HEADERS.items() <= dict(page.headers).items() for page in pages)
    assert len({page.headers["retry-after"] for page in pages}) > 1
    for page in pages:
        wait_s = page.headers["retry-after"]
        assert f'<meta http-equiv="refresh" content="{wait_s}">' in page.text
        assert page.headers["content-length"] == str(len(page.content))


@pytest.mark.parametrize("accept", ["application/json", "*/*", "image/avif,text/html"])
async def test_a_program_is_never_refused_with_a_page(accept: str) -> None:
    """Nor is anything that a reload would not repeat."""
    async with guarded(Place()) as (admission, client):
        admission.controller.level.level = 16.0
        asked = await client.get("/telemetry", headers={"accept": accept})
        sent = await client.post("/telemetry", headers={"sec-fetch-mode": "navigate"})
    for answer in (asked, sent):
        assert (answer.status_code, answer.json()["title"]) == (429, "Busy")


async def test_what_cannot_be_answered_in_time_is_refused_unseen() -> None:
    """The client has left; the work would be for nobody."""
    place = Place()
    async with guarded(place) as (_, client):
        stamp = f"{time.time() - 5:.3f}"
        answer = await client.get(
            "/watch",
            headers={"x-request-start": stamp, "x-envoy-expected-rq-timeout-ms": "2000"},
        )
    assert answer.status_code == 429
    assert place.seen == []


async def test_the_deadline_reaches_the_application() -> None:
    """And from there the database's statement timeout."""
    place = Place()
    async with guarded(place) as (_, client):
        began_s = time.monotonic()
        await client.get("/watch", headers={"x-envoy-expected-rq-timeout-ms": "2000"})
        ended_s = time.monotonic()
    assert began_s + 2.0 <= place.deadlines[0] <= ended_s + 2.0


async def test_beyond_the_limit_requests_wait_and_are_let_in_in_turn() -> None:
    """A moment's burst is served whole."""
    place = Place()
    place.open.clear()
    async with guarded(place) as (admission, client):
        admission.controller.gate.limit = 4.0
        requests = [asyncio.create_task(client.get("/watch")) for _ in range(6)]
        async with asyncio.timeout(5):
            while admission.controller.gate.waiting_count < 2:  # noqa: ASYNC110
                await asyncio.sleep(0)
        assert len(place.seen) == 4
        place.open.set()
        answers = await asyncio.gather(*requests)
    assert [answer.status_code for answer in answers] == [200] * 6
    assert admission.controller.gate.in_flight == 0


async def test_who_hangs_up_while_waiting_leaves_no_trace() -> None:
    """Neither a place in the queue nor a place in flight."""
    place = Place()
    place.open.clear()
    async with guarded(place) as (admission, client):
        admission.controller.gate.limit = 1.0
        first = asyncio.create_task(client.get("/watch"))
        second = asyncio.create_task(client.get("/watch"))
        async with asyncio.timeout(5):
            while admission.controller.gate.waiting_count < 1:  # noqa: ASYNC110
                await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        assert admission.controller.gate.waiting_count == 0
        place.open.set()
        assert (await first).status_code == 200
    assert admission.controller.gate.in_flight == 0


async def test_what_is_left_to_be_done_in_milliseconds_is_refused() -> None:
    """Two would not do even on a good day; the deadline counts, not only its sign."""
    place = Place()
    async with guarded(place) as (_, client):
        answer = await client.get("/watch", headers={"x-envoy-expected-rq-timeout-ms": "2"})
    assert answer.status_code == 429
    assert place.seen == []


async def test_cheaper_answers_come_before_refusals() -> None:
    """The application is told what to leave out while everybody is still let in."""
    place = Place()
    async with guarded(place) as (admission, client):
        for height in (96.0, 90.0, 60.0, 40.0):
            admission.controller.level.level = height
            assert (await client.get("/watch")).status_code == 200
    assert place.degradations == list(Degradation)
    assert admission.tally.degraded == [1, 1, 1, 1]


async def test_the_load_is_told_by_admission_itself_however_closed_it_is() -> None:
    """Whoever steers the edge learns it when nothing else is answered."""
    place = Place()
    async with guarded(place) as (admission, client):
        await client.get("/watch")
        admission.controller.level.level = 16.0
        await client.get("/telemetry")
        told = (await client.get("/healthz/load")).json()
    assert place.seen == ["/watch"]
    assert told["admitted"]["playback"] == told["refused"]["deferrable"] == 1
    assert list(told["admitted"]) == [priority.name.lower() for priority in Priority]
    assert told["openness"] == pytest.approx(16 / 96, abs=1e-3)
    assert {"degradation", "utilisation", "in_flight", "limit"} < set(told)


EVERY_TURN = AdmissionSettings(window_s=0.0, tick_s=0.0)
"""Windows as short as one turn of the event loop: many pass in a test without waiting."""


async def test_nothing_is_measured_while_nobody_is_here() -> None:
    """An idle server costs next to nothing; who comes finds it as watchful as ever."""
    place = LivingPlace()
    async with guarded(place, EVERY_TURN) as (admission, client), serving(admission):
        await client.get("/watch")
        await _until(lambda: not admission.awake.is_set())
        at_rest = admission.controller.snapshot
        for _ in range(100):
            await asyncio.sleep(0)
        assert admission.controller.snapshot is at_rest
        place.open.clear()
        request = asyncio.create_task(client.get("/watch"))
        await _until(lambda: admission.controller.snapshot is not at_rest)
        assert admission.awake.is_set()
        place.open.set()
        assert (await request).status_code == 200


async def test_a_server_that_refused_rests_only_when_it_is_open_again() -> None:
    """Whoever comes next must not be refused for what is long over."""
    async with guarded(LivingPlace(), EVERY_TURN) as (admission, client), serving(admission):
        admission.controller.level.level = 40.0
        await client.get("/telemetry")
        await _until(lambda: not admission.awake.is_set())
        assert admission.controller.openness == 1.0
        assert (await client.get("/telemetry")).status_code == 200


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_a_bug_in_admission_lets_people_in() -> None:
    """Counted and logged; it must not take the platform down."""
    place = Place()
    before = FAILED_OPEN.labels("admission")._value.get()
    async with guarded(place) as (admission, client):
        del admission.controller.level
        answer = await client.get("/watch")
    assert answer.status_code == 200
    assert FAILED_OPEN.labels("admission")._value.get() == before + 1


async def test_requests_that_ask_for_no_pool_are_not_held_by_the_limit() -> None:
    """Learnt from what they do; at first everybody is held."""
    async with guarded(Place()) as (admission, client):
        assert Priority.PLAYBACK in admission.controller.gate.bound
        for _ in range(60):
            await client.get("/watch")
        admission.controller.close_window()
        assert Priority.PLAYBACK not in admission.controller.gate.bound
        assert Priority.DEFERRABLE in admission.controller.gate.bound
