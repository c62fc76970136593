"""Overload, measured: Solstice's edge and servers beside HAProxy, NGINX and Envoy's defaults.

    make bench-overload [SHORT=1]
    .venv/bin/python -m bench.overload --only M3 --only M9     # parts; results are kept

The same servers, the same generator, the same impatient clients (2 s, three tries) for all,
interleaved.  Writes readings and every second of every run to `--results`, and with `--publish`
the table and its curves to docs/overload.md.
"""

import argparse
import asyncio
import contextlib
import os
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import uvloop

from bench.asking import parse
from bench.overload import (
    amplification,
    bad_configuration,
    ceiling,
    edge_death,
    flapping,
    flash_crowd,
    grey_server,
    hysteresis,
    journey,
    long_trigger,
    priorities,
    refusal_cost,
    skew,
)
from bench.overload.balancers import OURS, REFERENCE, SETUPS
from bench.overload.feed_stand import FeedStand, feed_standing
from bench.overload.published import publish
from bench.overload.results import Results
from bench.overload.stand import LOAD_CORE
from bench.overload.targets import Line, judge
from bench.table import Figure, print_figures
from solstice.drills.scenario import current_commit

PAGE = Path(__file__).parents[2] / "docs" / "overload.md"

Part = Callable[[Results, argparse.Namespace], Awaitable[None]]


async def _ceiling(results: Results, _chosen: argparse.Namespace) -> None:
    await ceiling.measure(results)


def _route(chosen: argparse.Namespace) -> journey.Route:
    return journey.SHORT if chosen.short else journey.Route()


async def _slots(results: Results, chosen: argparse.Namespace) -> None:
    await journey.measure_slots(
        results,
        runs=chosen.runs,
        route=_route(chosen),
        setups=(REFERENCE, OURS) if chosen.short else SETUPS,
    )


@contextlib.asynccontextmanager
async def _before_feed() -> AsyncIterator[FeedStand]:
    """Start and end the feed's place in a thread: it runs loops of its own."""
    context = feed_standing()
    feed = await asyncio.to_thread(context.__enter__)
    try:
        yield feed
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


async def _feed(results: Results, chosen: argparse.Namespace) -> None:
    """Both in one place: filling and warming it takes a minute."""
    async with _before_feed() as feed:
        await refusal_cost.measure(results, feed, runs=3 * chosen.few, seconds=3)
        await journey.measure_feed(results, feed, runs=chosen.runs, route=_route(chosen))


async def _refusal(results: Results, chosen: argparse.Namespace) -> None:
    async with _before_feed() as feed:
        await refusal_cost.measure(results, feed, runs=3 * chosen.few, seconds=3)


async def _priorities(results: Results, chosen: argparse.Namespace) -> None:
    await priorities.measure(results, runs=chosen.runs)


async def _hysteresis(results: Results, chosen: argparse.Namespace) -> None:
    await hysteresis.measure(results, runs=2 * chosen.few)


async def _amplification(results: Results, chosen: argparse.Namespace) -> None:
    await amplification.measure(results, runs=chosen.few, seconds=6)


async def _flash_crowd(results: Results, chosen: argparse.Namespace) -> None:
    await flash_crowd.measure(results, runs=chosen.few)


async def _long_trigger(results: Results, chosen: argparse.Namespace) -> None:
    await long_trigger.measure(results, runs=1, seconds=5 if chosen.short else 60)


async def _skew(results: Results, chosen: argparse.Namespace) -> None:
    await skew.measure(results, runs=1, skewed_s=8 if chosen.short else 60)


async def _edge_death(results: Results, chosen: argparse.Namespace) -> None:
    await edge_death.measure(results, runs=1, seconds=12 if chosen.short else 20)


async def _bad_configuration(results: Results, chosen: argparse.Namespace) -> None:
    await bad_configuration.measure(results, runs=chosen.few)


async def _grey_server(results: Results, _chosen: argparse.Namespace) -> None:
    await grey_server.measure(results, runs=1, seconds=12)


async def _flapping(results: Results, chosen: argparse.Namespace) -> None:
    await flapping.measure(results, runs=chosen.few, seconds=6)


PARTS: dict[str, tuple[tuple[str, ...], Part]] = {
    "ceiling": (("generator at",), _ceiling),
    "slots": ((*(f"M{n} slots" for n in (1, 2, 4, 6)), "journey slots"), _slots),
    "feed": ((*(f"M{n} feed" for n in (1, 2, 4, 6)), "journey feed", "M15"), _feed),
    "priorities": (("M3", "priorities"), _priorities),
    "long-trigger": (("M4 spike", "M4 half gone", "long"), _long_trigger),
    "hysteresis": (("M5", "hysteresis"), _hysteresis),
    "amplification": (("M6 attempts", "amplification"), _amplification),
    "skew": (("M7", "skew"), _skew),
    "edge-death": (("M8", "edge"), _edge_death),
    "bad-configuration": (("M9", "bad configuration"), _bad_configuration),
    "grey-server": (("M11", "grey"), _grey_server),
    "flapping": (("M12", "health"), _flapping),
    "flash-crowd": (("flash crowd",), _flash_crowd),
}
"""Name → what its readings and series begin with, and how it is measured."""

ALONE: dict[str, tuple[tuple[str, ...], Part]] = {"refusal": (("M15",), _refusal)}
"""Pieces of the parts, for looking at one thing."""

IN_SHORT = ("ceiling", "slots", "bad-configuration", "skew")
"""What CI can run in three minutes: no cgroups, no database, and of the stock set-ups the first."""


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=[*PARTS, *ALONE], help="one part; may repeat"
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--few", type=int, default=1, help="runs of the longer parts")
    parser.add_argument("--results", type=Path, default=Path("var/overload"))
    parser.add_argument("--publish", action="store_true", help="write docs/overload.md")
    chosen = parse(parser, runs=1, few=1)
    os.sched_setaffinity(0, {LOAD_CORE})
    results = Results(chosen.results, commit=current_commit())
    broken: list[str] = []
    started_s = time.monotonic()
    for name in chosen.only or (IN_SHORT if chosen.short else PARTS):
        prefixes, part = (PARTS | ALONE)[name]
        for prefix in prefixes:
            results.forget(prefix)
        print(f"== {name}", flush=True)
        began_s = time.monotonic()
        try:
            uvloop.run(part(results, chosen))
        except Exception:  # noqa: BLE001 - half an hour is not thrown away for one part
            traceback.print_exc()
            broken.append(name)
        print(f"== {name} took {time.monotonic() - began_s:.0f} s", flush=True)
    print(f"== all of it took {(time.monotonic() - started_s) / 60:.1f} min", flush=True)
    if chosen.publish:
        publish(results, page=PAGE)
    are_met = print_lines(judge(results.list_readings()))
    if broken:
        print(f"not measured to the end: {', '.join(broken)}", flush=True)
    raise SystemExit(0 if are_met and not broken else 1)


def print_lines(lines: list[Line]) -> bool:
    """Print what was measured as a table; return whether everything was met."""
    figures = [
        Figure(
            name=f"{line.target.measure} {line.target.figure.removeprefix(line.target.measure)}",
            target=f"{line.target.is_met_by} {line.target.bound:g}",
            measured=f"{line.ours.middle:.4g}",
            met=line.is_met,
            yardstick=f"{line.best_stock[0]}: {line.best_stock[1].middle:.4g}"
            if line.best_stock
            else "",
        )
        for line in lines
        if line.ours
    ]
    return print_figures("Overload", figures)


if __name__ == "__main__":
    main()
