"""The load generator: walks a fixed schedule and behaves like browsers do.

A browser gives up after `patience_s`, tries again after a pause with full jitter, honours
Retry-After, and stops after `tries_max`.  `Manners` says which of it a client has: the clients
people have today (impatient, three tries), or Solstice's own web app (a retry budget).
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from solstice.drills.record import Record
from solstice.drills.schedule import Event
from solstice.drills.wire import Answer, Pool

LATE_LIMIT_S = 0.001


@dataclass(frozen=True, kw_only=True)
class Manners:
    """How a client behaves when it is not served."""

    patience_s: float = 2.0
    tries_max: int = 3
    pause_base_s: float = 0.3
    pause_max_s: float = 30.0
    retries_refusals: bool = True
    """Whether a 429 or 5xx is tried again, as scripts without manners do."""
    budget_share: float | None = None
    """Retries allowed as a share of successes (0.1 in the web app); None is no budget."""


STOCK = Manners()
OURS = Manners(tries_max=2, retries_refusals=False, budget_share=0.1)

Render = Callable[[Event], bytes]
"""Turns an event into the bytes of its request."""


class Generator:
    """Offers a schedule to one address."""

    def __init__(
        self, pool: Pool, *, render: Render, manners: Manners = STOCK, seed: int = 7
    ) -> None:
        self.pool = pool
        self.render = render
        self.manners = manners
        self._dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._budget_tokens = 10.0

    async def run(self, schedule: list[Event]) -> Record:
        """Offer every event at its instant; returns when the last one has ended."""
        duration_s = int(schedule[-1].at_s) + 1 if schedule else 0
        record = Record(duration_s)
        started_s = time.perf_counter()
        acting: set[asyncio.Task[None]] = set()
        for event in schedule:
            ahead_s = event.at_s - (time.perf_counter() - started_s)
            if ahead_s > LATE_LIMIT_S:
                await asyncio.sleep(ahead_s)
            task = asyncio.create_task(self._act(event, started_s + event.at_s, record))
            acting.add(task)
            task.add_done_callback(acting.discard)
        await asyncio.gather(*acting)
        return record

    async def _act(self, event: Event, due_s: float, record: Record) -> None:
        """One user action: up to `tries_max` requests, good if one is answered in time."""
        row = record.row(event.action, event.at_s)
        row.offered += 1
        record.late_us.record_value(max(1, int((time.perf_counter() - due_s) * 1e6)))
        raw = self.render(event)
        answer: Answer | None = None
        asked_s = due_s
        for attempt in range(self.manners.tries_max):
            row.attempts += 1
            answer = await self._try(raw)
            status = answer.status if answer else 0
            record.statuses[status] += 1
            if 200 <= status < 400:  # noqa: PLR2004 - answered
                # Patience counts from the last try, goodput from the schedule: a retry that
                # succeeds after 2 s is an action that succeeded late.
                self._budget_tokens = min(
                    10.0, self._budget_tokens + (self.manners.budget_share or 0.0)
                )
                took_s = time.perf_counter() - due_s
                if took_s <= self.manners.patience_s:
                    row.good += 1
                    row.latency_us.record_value(max(1, int(took_s * 1e6)))
                    accepted_s = time.perf_counter() - asked_s
                    row.accepted_us.record_value(max(1, int(accepted_s * 1e6)))
                else:
                    row.failed += 1
                return
            if attempt + 1 == self.manners.tries_max or not self._may_retry(status):
                break
            await asyncio.sleep(self._pause_s(attempt, answer))
            asked_s = time.perf_counter()
        if answer and answer.status == 429:  # noqa: PLR2004 - told to come back
            row.refused += 1
        else:
            row.failed += 1

    async def _try(self, raw: bytes) -> Answer | None:
        """Send one request; None when it breaks or takes longer than the client's patience."""
        try:
            async with asyncio.timeout(self.manners.patience_s):
                return await self.pool.request(raw)
        except (OSError, TimeoutError):
            return None

    def _may_retry(self, status: int) -> bool:
        if status and not self.manners.retries_refusals:
            return False
        if self.manners.budget_share is None:
            return True
        if self._budget_tokens < 1.0:
            return False
        self._budget_tokens -= 1.0
        return True

    def _pause_s(self, attempt: int, answer: Answer | None) -> float:
        pause_s = self._dice.uniform(
            0, min(self.manners.pause_max_s, self.manners.pause_base_s * 2**attempt)
        )
        told = (answer.headers.get(b"retry-after") if answer else None) or b""
        if told.isdigit() and self.manners.budget_share is not None:
            return float(told) * self._dice.uniform(0.8, 1.2)
        return pause_s
