"""The outermost layer: decides before routing, parsing, authentication and logging.

What a request costs here is one look at its headers and one histogram increment, some 5 µs; a
refusal is two prepared messages.  Admission fails open: a bug in here must not take the platform
down, so a decision that cannot be made lets the request in, and is counted.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from solstice.admission import report
from solstice.admission.controller import Controller
from solstice.admission.deadline import USEFUL_S, decide_timing
from solstice.admission.gate import Verdict
from solstice.admission.priority import Priority, RouteTable, decide_cell
from solstice.admission.refusal import Refusals, is_opened_by_a_person
from solstice.admission.settings import AdmissionSettings
from solstice.kit.asgi import App, Message, Receive, Scope, Send
from solstice.kit.context import DEADLINE_AT_S, DEGRADATION, POOL_WAITED_MS
from solstice.kit.metrics import FAILED_OPEN
from solstice.kit.stopping import stop_tasks

log = structlog.get_logger()

LOAD_PATH = "/healthz/load"
PERSON_BYTES = 96
"""Enough of a cookie to tell people apart; the rest of it changes when it is renewed."""

Said = dict[bytes, bytes]
"""A request's headers, by name."""
Ticket = asyncio.Future[bool]
Entry = tuple[Priority, float, Ticket | None, bool]
"""Priority, instant the client gives up, a ticket if it must wait, whether it may come in."""


class Admission:
    """Guards one application; one instance per process."""

    def __init__(
        self, app: App, *, routes: RouteTable, settings: AdmissionSettings, salt: bytes
    ) -> None:
        self.app = app
        self.table = routes
        self.settings = settings
        self.salt = salt
        self.controller: Controller[Any] = Controller(settings)
        self.tally = report.Tally()
        self._refusals = Refusals(settings.retry_after_s)
        self._is_quiet = True
        self.awake = asyncio.Event()
        self._render_reports()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit, let wait, or refuse."""
        if scope["type"] != "http":
            await self._keep_while(self.app(scope, receive, send))
            return
        if scope["path"] == LOAD_PATH:
            await self._answer_load(send)
            return
        try:
            said = dict(scope["headers"])
            priority, expires_s, ticket, is_admitted = self._decide(scope, said)
        except Exception as error:  # noqa: BLE001 - whatever is broken in here, people are served
            _note_failed_open(error)
            await self.app(scope, receive, send)
            return
        if ticket is not None:
            is_admitted = await self._wait(ticket, priority, expires_s)
        if is_admitted:
            await self._serve(priority, expires_s, scope, receive, send)
        else:
            await self._refuse(priority, scope["method"], said, send)

    def _decide(self, scope: Scope, said: Said) -> Entry:
        """Look once at method, path and headers, and decide."""
        self.awake.set()
        wall_s, now_s = time.time(), time.monotonic()
        stamp = said.get(b"x-request-start")
        age_s, remaining_s = decide_timing(
            stamp,
            said.get(b"x-envoy-expected-rq-timeout-ms"),
            wall_s=wall_s,
            default_s=self.settings.deadline_s,
        )
        if stamp:
            self.controller.delays.age.observe(age_s * 1000)
        priority = self.table.find(scope["method"], scope["path"])
        person = said.get(b"cookie") or said.get(b"x-forwarded-for") or b""
        cell = decide_cell(priority, person[:PERSON_BYTES], now_s=wall_s, salt=self.salt)
        expires_s = now_s + remaining_s
        is_in = self.controller.level.admits(cell, random.random())  # noqa: S311
        if remaining_s < USEFUL_S or not is_in:
            return priority, expires_s, None, False
        gate = self.controller.gate
        if gate.admit(priority):
            return priority, expires_s, None, True
        ticket: Ticket = asyncio.get_running_loop().create_future()
        verdict, displaced = gate.enter(ticket, priority, now_s=now_s, expires_s=expires_s)
        _resolve(displaced, is_admitted=False)
        return priority, expires_s, ticket if verdict is Verdict.WAITING else None, False

    async def _serve(
        self, priority: Priority, expires_s: float, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Let the application work, with its deadline and what it may leave out."""
        controller = self.controller
        DEADLINE_AT_S.set(0.0 if priority is Priority.UPLOAD else expires_s)  # streams for minutes
        POOL_WAITED_MS.set(0.0)
        degradation = int(controller.degradation)
        DEGRADATION.set(degradation)
        controller.admitted_in_window += 1
        self.tally.admitted[priority] += 1
        self.tally.degraded[degradation] += 1
        beside_telemetry = controller.has_telemetry
        entered_s = time.monotonic()
        try:
            await self.app(scope, receive, self._reporting(send))
        finally:
            left_s = time.monotonic()
            DEADLINE_AT_S.set(0.0)  # whoever called goes on without it
            DEGRADATION.set(0)
            controller.note_served(
                priority,
                took_ms=(left_s - entered_s) * 1000,
                pool_waited_ms=POOL_WAITED_MS.get(),
                beside_telemetry=beside_telemetry or controller.has_telemetry,
            )
            self._leave(priority, left_s)

    async def _wait(self, ticket: Ticket, priority: Priority, expires_s: float) -> bool:
        """Wait in the gate's queue; False when time ran out or a better one took the place."""
        since_s = time.monotonic()
        try:
            async with asyncio.timeout(expires_s - since_s):
                return await asyncio.shield(ticket)
        except TimeoutError:
            self._give_up(ticket, priority)
            return False
        except asyncio.CancelledError:
            self._give_up(ticket, priority)
            raise
        finally:
            self.controller.delays.gate_wait.observe((time.monotonic() - since_s) * 1000)

    def _give_up(self, ticket: Ticket, priority: Priority) -> None:
        """Leave the queue; a place that was granted in the same moment is handed on."""
        if ticket.done() and ticket.result():
            self._leave(priority, time.monotonic())
        else:
            self.controller.gate.forget(ticket, priority)

    def _leave(self, priority: Priority, now_s: float) -> None:
        admitted, expired = self.controller.gate.leave(priority, now_s=now_s)
        if admitted or expired:
            _resolve(admitted, is_admitted=True)
            _resolve(expired, is_admitted=False)

    async def _refuse(self, priority: Priority, method: str, said: Said, send: Send) -> None:
        self.tally.refused[priority] += 1
        may_try_elsewhere = priority <= Priority.INTERACTIVE and self.controller.grants.take(
            openness=self.controller.openness
        )
        start, body = self._refusals.pick(
            is_person=is_opened_by_a_person(method, said), may_try_elsewhere=may_try_elsewhere
        )
        await send(start)
        await send(body)

    async def _answer_load(self, send: Send) -> None:
        """Tell the edge's steering how this server is; never shed, and no code but this."""
        body = report.render_load(self.controller, self.tally)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def note_pool_wait(self, waited_ms: float) -> None:
        """Hear from whoever owns a pool how long the request at hand waited for it."""
        self.controller.delays.pool_wait.observe(waited_ms)
        POOL_WAITED_MS.set(POOL_WAITED_MS.get() + waited_ms)

    def _reporting(self, send: Send) -> Callable[[Message], Awaitable[None]]:
        async def reporting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] < 500:  # noqa: PLR2004 - a failure earns no retry
                    self.controller.grants.note_success()
                message["headers"] = [*message["headers"], *self._reports]
            await send(message)

        return reporting_send

    async def _keep_while(self, lifespan: Awaitable[None]) -> None:
        """Tick and adapt for as long as the application lives."""
        keeping = [
            asyncio.create_task(self._tick(), name="admission-tick"),
            asyncio.create_task(self._adapt(), name="admission-adapt"),
        ]
        try:
            await lifespan
        finally:
            await stop_tasks(keeping)

    async def _tick(self) -> None:
        """Measure the event loop's lag, and refuse who waited too long at the gate.

        Rarely while it is quiet, not at all while at rest.
        """
        loop = asyncio.get_running_loop()
        while True:
            await self.awake.wait()
            is_quiet = self.controller.gate.in_flight == 0 and self._is_quiet
            pause_s = self.settings.window_s if is_quiet else self.settings.tick_s
            due_s = loop.time() + pause_s
            await asyncio.sleep(pause_s)
            self.controller.delays.loop_lag.observe((loop.time() - due_s) * 1000)
            stale = self.controller.gate.take_stale(now_s=time.monotonic())
            _resolve(stale, is_admitted=False)

    async def _adapt(self) -> None:
        """Close a window every `window_s` while somebody is here.

        At rest every window would be like the last one: 0.3 % of a core for nothing, each server.
        """
        while True:
            await self.awake.wait()
            await asyncio.sleep(self.settings.window_s)
            self._is_quiet = self.controller.admitted_in_window == 0
            try:
                self.controller.close_window()
                self._render_reports()
                if self._may_rest():
                    self.awake.clear()
            except Exception as error:  # noqa: BLE001 - a broken sum must not leave doors shut
                _note_failed_open(error)
                self.controller.open_up()

    def _may_rest(self) -> bool:
        """Decide after a window in which nobody was let in: nothing may be left to recover."""
        controller = self.controller
        is_empty = self._is_quiet and controller.gate.in_flight == 0
        return is_empty and controller.openness >= 1.0 and controller.utilisation < 1.0

    def _render_reports(self) -> None:
        """Prepare what every answer says of this server's load, once a window."""
        self._reports = report.render_headers(self.controller)
        self._refusals.render(self._reports)
        report.publish(self.controller, self.tally)


def _note_failed_open(error: Exception) -> None:
    FAILED_OPEN.labels("admission").inc()
    log.error("admission.failed_open", exc_info=error)


def _resolve(tickets: list[Ticket], *, is_admitted: bool) -> None:
    for ticket in tickets:
        if not ticket.done():
            ticket.set_result(is_admitted)
