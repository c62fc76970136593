"""One of six servers is ill in a way that looks well from afar; or all look ill and are well."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from solstice.edge.admin import ask_admin
from solstice.edge.clusters import read_left_out
from solstice.edge.isolation import TERM_S
from solstice.edge.last_good import mend
from solstice.edge.steer import ENDPOINTS, READMITTED, Steersman
from tests.edge.crowd import Crowd, running_crowd

pytestmark = pytest.mark.acceptance
ISOLATED_S_MAX = 15.0
RATE = 100.0
FAILURES_MAX = 8
"""Five in a row, and what was on its way already."""


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Crowd]:
    """Six servers that are well and have been busy for a moment."""
    async with running_crowd(tmp_path) as crowd:
        assert await crowd.ask_many(60, rate=RATE) == {200: 60}
        yield crowd


async def read_gauge(crowd: Crowd, name: str) -> int:
    text = await asyncio.to_thread(
        ask_admin, crowd.directory, f"/stats?filter=^cluster.app.{name}$"
    )
    return int((text or ": 0").split(":")[1])


async def ask_until_isolated(crowd: Crowd) -> dict[int, int]:
    """Go on asking until the edge leaves one server out; return all answers by status."""
    answers: dict[int, int] = {}
    async with asyncio.timeout(ISOLATED_S_MAX):
        while await read_gauge(crowd, "outlier_detection.ejections_active") == 0:
            for status, count in (await crowd.ask_many(25, rate=RATE)).items():
                answers[status] = answers.get(status, 0) + count
    return answers


@pytest.mark.parametrize("mode", ["hangs", "drops"])
async def test_no_read_is_lost_to_a_server_that_hangs_or_drops(crowd: Crowd, mode: str) -> None:
    """It takes the connection like any other; the read is asked elsewhere, and it is left out."""
    grey = crowd.servers[2]
    grey.mode = mode
    assert set(await ask_until_isolated(crowd)) == {200}
    seen = grey.seen
    assert set(await crowd.ask_many(60, rate=RATE)) == {200}
    assert grey.seen == seen


async def test_who_hung_and_answers_again_is_let_back_before_its_term(crowd: Crowd) -> None:
    """Half of a place that woke up is needed now: Envoy would leave it out for up to 15 s."""
    steersman = Steersman(crowd.directory)

    async def look() -> None:
        await crowd.ask_many(20, rate=RATE)
        await asyncio.to_thread(steersman.look)

    sleepers = crowd.servers[:3]
    for server in sleepers:
        server.mode = server.health = "hangs"
    async with asyncio.timeout(ISOLATED_S_MAX):
        while await read_gauge(crowd, "outlier_detection.ejections_active") < len(sleepers):
            await look()
    await look()
    for server in sleepers:
        server.mode = server.health = "well"
    before = [server.seen for server in sleepers]
    async with asyncio.timeout(ISOLATED_S_MAX):
        while await read_gauge(crowd, "outlier_detection.ejections_active"):
            await look()
        while any(server.seen == was for server, was in zip(sleepers, before, strict=True)):
            await look()
    # The first to be ejected may have had its five seconds by then.
    assert sum(READMITTED.labels(f"127.0.0.1:{one.port}")._value.get() for one in sleepers) >= 1


async def test_a_server_that_fails_at_once_attracts_nothing(crowd: Crowd) -> None:
    """It always looks idle: left alone it would get most of the traffic.  It gets a handful."""
    grey = crowd.servers[2]
    grey.mode = "fails"
    answers = await ask_until_isolated(crowd)
    assert 1 <= answers[500] <= FAILURES_MAX
    assert set(await crowd.ask_many(60, rate=RATE)) == {200}


async def test_a_slow_server_gets_less(crowd: Crowd) -> None:
    """Ten times slower: it is given a request when it has none, and never a queue."""
    grey = crowd.servers[2]
    grey.mode = "slow"
    before = {server: server.seen for server in crowd.servers}
    assert await crowd.ask_many(200, rate=RATE) == {200: 200}
    gained = [server.seen - before[server] for server in crowd.servers]
    assert gained[2] == min(gained)


@pytest.fixture
async def steered(crowd: Crowd) -> AsyncIterator[Crowd]:
    """The same with somebody who compares them."""
    steersman = Steersman(crowd.directory)

    async def look_for_ever() -> None:
        while True:
            pause_s = await asyncio.to_thread(steersman.look)
            await asyncio.sleep(pause_s)

    looking = asyncio.create_task(look_for_ever())
    yield crowd
    looking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await looking


def read_marked(crowd: Crowd) -> set[str]:
    """Who is left out in the published file."""
    return set(read_left_out((crowd.directory / ENDPOINTS).read_text()))


@pytest.mark.parametrize("mode", ["slow", "hangs"])
async def test_a_server_that_alone_is_slow_is_left_out_until_it_is_well(
    steered: Crowd, mode: str
) -> None:
    """Its question for its load is unanswered as well; no read is lost, and none goes there."""
    grey = steered.servers[2]
    assert await steered.ask_many(200, rate=RATE) == {200: 200}
    assert read_marked(steered) == set()
    grey.mode, grey.health = mode, "hangs"
    async with asyncio.timeout(ISOLATED_S_MAX):
        while read_marked(steered) != {f"127.0.0.1:{grey.port}"}:
            assert set(await steered.ask_many(25, rate=RATE)) == {200}
    assert mend(steered.directory) == [], "and that is what is kept"
    assert await steered.ask_many(60, rate=RATE) == {200: 60}
    seen = grey.seen
    assert await steered.ask_many(400, rate=RATE) == {200: 400}
    assert grey.seen == seen
    grey.mode, grey.health = "well", "well"
    async with asyncio.timeout(ISOLATED_S_MAX):
        while grey.seen == seen:
            assert await steered.ask_many(25, rate=RATE) == {200: 25}
    assert read_marked(steered) == set()


@pytest.mark.parametrize(("mode", "health"), [("fails", "well"), ("drops", "drops")])
async def test_a_server_that_fails_is_not_tried_again_after_seconds(
    steered: Crowd, mode: str, health: str
) -> None:
    """Envoy alone would let five people find out every few seconds."""
    grey = steered.servers[2]
    await steered.ask_many(200, rate=RATE)
    grey.mode, grey.health = mode, health
    async with asyncio.timeout(ISOLATED_S_MAX):
        while not read_marked(steered):
            await steered.ask_many(25, rate=RATE)
    seen = grey.seen
    assert await steered.ask_many(800, rate=RATE) == {200: 800}
    assert grey.seen == seen


async def test_a_server_makes_a_page_before_people_are_sent_to_it(steered: Crowd) -> None:
    """Its term is over, and it fails as before: we find out, and nobody else."""
    grey = steered.servers[2]
    await steered.ask_many(200, rate=RATE)
    grey.mode = "fails"
    async with asyncio.timeout(ISOLATED_S_MAX):
        while not read_marked(steered):
            await steered.ask_many(25, rate=RATE)
    seen, pages = grey.seen, grey.pages
    async with asyncio.timeout(TERM_S + ISOLATED_S_MAX):
        while grey.pages == pages:
            assert await steered.ask_many(25, rate=RATE) == {200: 25}
    grey.mode = "well"
    assert grey.seen == seen
    async with asyncio.timeout(ISOLATED_S_MAX):
        while read_marked(steered):
            assert await steered.ask_many(25, rate=RATE) == {200: 25}


async def test_a_killed_server_costs_no_read(crowd: Crowd) -> None:
    """Connections to it are refused; each read is asked of another one."""
    await crowd.servers[2].end()
    assert await crowd.ask_many(100, rate=RATE) == {200: 100}
    await crowd.servers[2].start()
    assert await crowd.ask_many(20, rate=RATE) == {200: 20}


@pytest.mark.parametrize("health", ["flaps", "hangs"])
async def test_a_storm_of_bad_health_answers_removes_nobody(crowd: Crowd, health: str) -> None:
    """The servers do their work: what they say about themselves takes none of them away."""
    for server in crowd.servers:
        server.health = health
    assert await crowd.ask_many(600, rate=RATE) == {200: 600}
    assert await read_gauge(crowd, "membership_healthy") == len(crowd.servers)
    assert await read_gauge(crowd, "lb_healthy_panic") == 0


async def test_when_all_fail_from_one_cause_half_stay_and_all_return_at_its_end(
    crowd: Crowd,
) -> None:
    """A broken database is nobody's own fault: no more than half are ever left out."""
    for server in crowd.servers:
        server.mode = "fails"
    await crowd.ask_many(200, rate=RATE)
    assert await read_gauge(crowd, "outlier_detection.ejections_active") == 3
    for server in crowd.servers:
        server.mode = "well"
    assert await crowd.ask_many(50, rate=RATE) == {200: 50}
    async with asyncio.timeout(ISOLATED_S_MAX * 2):
        while await read_gauge(crowd, "membership_healthy") < len(crowd.servers):
            assert await crowd.ask_many(20, rate=RATE) == {200: 20}
