"""The outermost layer: decides before routing, parsing, authentication and logging.

What a request costs here is a walk over its headers and one histogram increment, about 5 µs;
a refusal is two prepared messages.  Admission fails open: a bug in here must not take the
platform down, so the decision is the only thing between a request and the application.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from solstice.admission.controller import Controller
from solstice.admission.deadline import decide_timing
from solstice.admission.gate import Verdict
from solstice.admission.priority import Priority, RouteTable, decide_cell
from solstice.admission.refusal import BODY_MESSAGE, pick, render_starts
from solstice.admission.settings import AdmissionSettings
from solstice.kit.context import DEADLINE_AT_S, DEGRADATION, POOL_WAITED_MS
from solstice.kit.http import App, Message, Receive, Scope, Send
from solstice.kit.metrics import ADMISSION, ADMITTED_TOTAL, REFUSED_TOTAL

PERSON_BYTES = 96
"""Enough of a cookie to tell people apart; the rest of it changes when it is renewed."""

ADMITTED = {priority: ADMITTED_TOTAL.labels(priority.name.lower()) for priority in Priority}
REFUSED = {priority: REFUSED_TOTAL.labels(priority.name.lower()) for priority in Priority}

Ticket = asyncio.Future[bool]


class Admission:
    """Guards one application; one instance per process."""

    def __init__(
        self, app: App, *, routes: RouteTable, settings: AdmissionSettings, salt: bytes
    ) -> None:
        self.app = app
        self.routes = routes
        self.settings = settings
        self.salt = salt
        self.controller: Controller[Ticket] = Controller(settings)
        self._is_quiet = True
        self._reports: list[tuple[bytes, bytes]] = []
        self._starts = render_starts(settings.retry_after_s, [])
        self._starts_elsewhere = self._starts
        self._render_reports()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit, let wait, or refuse."""
        if scope["type"] != "http":
            await self._keep_while(self.app(scope, receive, send))
            return
        stamp = allowed = None
        person = b""
        for name, value in scope["headers"]:
            if name == b"x-request-start":
                stamp = value
            elif name == b"x-envoy-expected-rq-timeout-ms":
                allowed = value
            elif name == b"cookie":
                person = value
        timing = decide_timing(
            stamp, allowed, wall_s=time.time(), default_s=self.settings.deadline_s
        )
        if stamp:
            self.controller.delays.age.observe(timing.age_s * 1000)
        priority = self.routes.find(scope["method"], scope["path"])
        if not person and scope["client"]:
            person = scope["client"][0].encode()
        cell = decide_cell(priority, person[:PERSON_BYTES], now_s=time.time(), salt=self.salt)
        if timing.remaining_s <= 0 or not self.controller.level.admits(cell, random.random()):  # noqa: S311
            await self._refuse(priority, send)
            return
        await self._pass_gate(priority, timing.remaining_s, scope, receive, send)

    async def _pass_gate(
        self, priority: Priority, remaining_s: float, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Enter the gate, waiting if need be, and work."""
        now_s = time.monotonic()
        ticket: Ticket = asyncio.get_running_loop().create_future()
        gate = self.controller.gate
        verdict, displaced = gate.enter(
            ticket, priority, now_s=now_s, expires_s=now_s + remaining_s
        )
        _resolve(displaced, is_admitted=False)
        if verdict is Verdict.WAITING:
            is_admitted = await self._wait(ticket, priority, remaining_s)
            self.controller.delays.gate_wait.observe((time.monotonic() - now_s) * 1000)
        else:
            is_admitted = verdict is Verdict.ADMITTED
        if not is_admitted:
            await self._refuse(priority, send)
            return
        if priority is not Priority.UPLOAD:
            DEADLINE_AT_S.set(now_s + remaining_s)
        POOL_WAITED_MS.set(0.0)
        DEGRADATION.set(int(self.controller.degradation))
        self.controller.admitted_in_window += 1
        ADMITTED[priority].inc()
        entered_s = time.monotonic()
        try:
            await self.app(scope, receive, self._reporting(send))
        finally:
            if priority is not Priority.UPLOAD:  # minutes of streaming say nothing of service
                took_ms = (time.monotonic() - entered_s) * 1000
                self.controller.delays.service.observe(took_ms - POOL_WAITED_MS.get())
            admitted, expired = gate.leave(now_s=time.monotonic())
            _resolve(admitted, is_admitted=True)
            _resolve(expired, is_admitted=False)

    async def _wait(self, ticket: Ticket, priority: Priority, remaining_s: float) -> bool:
        """Wait in the gate's queue; False when time ran out or a better one took the place."""
        try:
            async with asyncio.timeout(remaining_s):
                return await asyncio.shield(ticket)
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            self._give_up(ticket, priority)
            raise
        return self._give_up(ticket, priority)

    def _give_up(self, ticket: Ticket, priority: Priority) -> bool:
        """Leave the queue; a place that was granted in the same moment is handed on."""
        if ticket.done() and ticket.result():
            admitted, expired = self.controller.gate.leave(now_s=time.monotonic())
            _resolve(admitted, is_admitted=True)
            _resolve(expired, is_admitted=False)
        else:
            self.controller.gate.forget(ticket, priority)
        return False

    async def _refuse(self, priority: Priority, send: Send) -> None:
        REFUSED[priority].inc()
        may_try_elsewhere = priority <= Priority.INTERACTIVE and self.controller.grants.take(
            openness=self.controller.openness
        )
        await send(pick(self._starts_elsewhere if may_try_elsewhere else self._starts))
        await send(BODY_MESSAGE)

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
            for task in keeping:
                task.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)

    async def _tick(self) -> None:
        """Measure the event loop's lag; rarely while nobody is here, to cost nothing idle."""
        loop = asyncio.get_running_loop()
        while True:
            is_quiet = self.controller.gate.in_flight == 0 and self._is_quiet
            pause_s = self.settings.window_s if is_quiet else self.settings.tick_s
            due_s = loop.time() + pause_s
            await asyncio.sleep(pause_s)
            self.controller.delays.loop_lag.observe((loop.time() - due_s) * 1000)

    async def _adapt(self) -> None:
        """Close a window every `window_s`."""
        while True:
            await asyncio.sleep(self.settings.window_s)
            self._is_quiet = self.controller.admitted_in_window == 0
            self.controller.close_window()
            _resolve(self.controller.gate.take_stale(now_s=time.monotonic()), is_admitted=False)
            self._render_reports()

    def _render_reports(self) -> None:
        """Prepare what every answer says of this server's load, once a window."""
        controller = self.controller
        level = round(controller.openness * 100)
        self._reports = [
            (b"x-solstice-level", str(level).encode()),
            (
                b"endpoint-load-metrics",
                f"TEXT application_utilization={controller.utilisation:.2f}".encode(),
            ),
        ]
        self._starts = render_starts(self.settings.retry_after_s, self._reports)
        self._starts_elsewhere = render_starts(
            self.settings.retry_after_s, [*self._reports, (b"x-solstice-retry", b"elsewhere")]
        )
        ADMISSION.labels("openness").set(controller.openness)
        ADMISSION.labels("limit").set(controller.gate.limit)
        ADMISSION.labels("in_flight").set(controller.gate.in_flight)
        ADMISSION.labels("waiting").set(controller.gate.waiting_count)
        ADMISSION.labels("utilisation").set(controller.utilisation)
        ADMISSION.labels("degradation").set(int(controller.degradation))


def _resolve(tickets: list[Ticket], *, is_admitted: bool) -> None:
    for ticket in tickets:
        if not ticket.done():
            ticket.set_result(is_admitted)
