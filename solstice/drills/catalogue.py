"""The drills that are declared: what is done to an instance, and what is promised meanwhile.

Each takes a running instance and its audience, and gives a scenario whose load runs under it;
the verdicts are read from what the people of the drill have seen.
"""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from solstice.drills.charts import Span
from solstice.drills.instance import DrillInstance
from solstice.drills.load import Generator
from solstice.drills.record import Record
from solstice.drills.scenario import Action, Probe, Scenario
from solstice.drills.schedule import Rate, constant, make_schedule, steps
from solstice.drills.viewers import MIX, PLAYBACK, Audience
from solstice.drills.wire import Pool, render_request

USUAL_PER_S = 40.0
CROWD_PER_S = 1200.0
FAULT_AT_S = 6
CROWD_S = 10
DURATION_S = 24
HOP_S = 2.0


@dataclass
class Drilling:
    """One drill while it runs: its load, and what the people saw."""

    instance: DrillInstance
    audience: Audience
    seed: int
    record: Record | None = None
    spans: list[Span] = field(default_factory=list)
    _running: asyncio.Task[Record] | None = None

    async def begin(self, rate: Rate) -> None:
        """Let people come, and go on when the fault is due."""
        schedule = make_schedule(
            rate=rate, duration_s=DURATION_S, mix=MIX, people=200, seed=self.seed
        )
        pool = Pool("127.0.0.1", self.instance.port)
        generator = Generator(pool, render=self.audience.render, seed=self.seed)
        self._running = asyncio.create_task(generator.run(schedule))
        await asyncio.sleep(FAULT_AT_S)

    async def finish(self) -> None:
        """Wait for the last of them."""
        if self._running:
            self.record = await self._running

    def share(self, *, from_s: int, to_s: int, action: str | None = None) -> float:
        """What was served of what people wanted."""
        assert self.record is not None  # noqa: S101 - promises come after `finish`
        return self.record.share_good(from_s=from_s, to_s=to_s, action=action)

    async def serves(self) -> bool:
        """Whether a page comes back."""
        pool = Pool("127.0.0.1", self.instance.port, connections_max=1)
        try:
            raw = render_request("GET", "/v1/feed/for-you", host="drill", headers={})
            return (await pool.request(raw)).status == 200  # noqa: PLR2004 - served
        finally:
            pool.close()


Declare = Callable[[Drilling], Scenario]


def overload(drill: Drilling) -> Scenario:
    """Thirty times the usual crowd for ten seconds."""
    end_s = FAULT_AT_S + CROWD_S
    crowd = steps((0, USUAL_PER_S), (FAULT_AT_S, CROWD_PER_S), (end_s, USUAL_PER_S))
    drill.spans.append(Span(from_x=FAULT_AT_S, to_x=end_s, name="crowd"))
    return Scenario(
        title="Overload",
        description="A crowd thirty times as large as usual comes at once and leaves again.",
        steady_state=(_steady(drill),),
        method=(
            Action(name="a crowd comes", run=lambda: drill.begin(crowd)),
            Action(name="it leaves", run=drill.finish),
        ),
        promises=(
            _promise(
                "who watches is served at least as much as anybody",
                lambda: all(
                    drill.share(from_s=FAULT_AT_S, to_s=end_s, action=action)
                    >= drill.share(from_s=FAULT_AT_S, to_s=end_s) - 0.02
                    for action in PLAYBACK
                ),
            ),
            _promise(
                "two seconds after it left, everybody is served",
                lambda: drill.share(from_s=end_s + 2, to_s=DURATION_S) >= 0.98,  # noqa: PLR2004
            ),
        ),
    )


def _strike_edge(strike: signal.Signals, *, title: str, description: str) -> Declare:
    """Declare a drill in which the edge gets a signal while people watch."""

    def declare(drill: Drilling) -> Scenario:
        async def strike_it() -> None:
            os.kill(drill.instance.pid_of("edge"), strike)

        return _strike_scenario(
            drill,
            title=title,
            description=description,
            name=f"{strike.name} to the edge",
            strike=strike_it,
        )

    return declare


def skewed_balancer(drill: Drilling) -> Scenario:
    """The incident of December 22: most of the traffic to one server, hopping."""

    async def strike() -> None:
        for hop in range(4):
            _skew(drill.instance, hot=hop)
            await asyncio.sleep(HOP_S)

    return _strike_scenario(
        drill,
        title="Skewed balancer",
        description="Somebody's script gives one server after the other all the weight.",
        name="weights of 100 to 1, hopping",
        strike=strike,
    )


def _strike_scenario(
    drill: Drilling,
    *,
    title: str,
    description: str,
    name: str,
    strike: Callable[[], Awaitable[None]],
) -> Scenario:
    """Usual load, one fault, and nearly everybody served nevertheless."""
    drill.spans.append(Span(from_x=FAULT_AT_S, to_x=FAULT_AT_S + 2, name=name))
    return Scenario(
        title=title,
        description=description,
        steady_state=(_steady(drill),),
        method=(
            Action(
                name="people come as usual",
                run=lambda: drill.begin(constant(USUAL_PER_S)),
            ),
            Action(name=name, run=strike),
            Action(name="people go on", run=drill.finish),
        ),
        promises=(
            _promise(
                "at most one action in two hundred fails",
                lambda: drill.share(from_s=FAULT_AT_S, to_s=DURATION_S) >= 0.995,  # noqa: PLR2004
            ),
        ),
    )


def _skew(instance: DrillInstance, *, hot: int) -> None:
    path = instance.edge_dir / "endpoints-servers.json"
    document = json.loads(path.read_text())
    for group in document["resources"][0]["endpoints"]:
        for number, endpoint in enumerate(group["lb_endpoints"]):
            is_hot = number == hot % len(group["lb_endpoints"])
            endpoint["load_balancing_weight"] = 100 if is_hot else 1
    fresh = path.with_suffix(".skewed")
    fresh.write_text(json.dumps(document))
    fresh.replace(path)


def _steady(drill: Drilling) -> Probe:
    return Probe(sentence="the feed answers", holds=drill.serves, within_s=20.0)


def _promise(sentence: str, holds: Callable[[], bool]) -> Probe:
    async def ask() -> bool:
        return holds()

    return Probe(sentence=sentence, holds=ask, within_s=0.0)


DRILLS: dict[str, Declare] = {
    "overload": overload,
    "edge-killed": _strike_edge(
        signal.SIGKILL,
        title="Edge killed",
        description="The balancer ends without warning; its supervisor must bring it back.",
    ),
    "edge-stopped": _strike_edge(
        signal.SIGSTOP,
        title="Edge stopped",
        description="The balancer accepts connections and does nothing with them.",
    ),
    "skewed-balancer": skewed_balancer,
}
