"""Isolation in simulated time: servers with slots behind a least-busy choice, one of them ill."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solstice.edge.isolation import (
    PAUSE_S,
    TERM_S,
    TERM_S_MAX,
    TERM_S_SILENT,
    UNWITNESSED_S,
    Finding,
    Isolation,
    Look,
    Tally,
)

STEP_S, LOOK_S = 0.01, 0.25
WORK_S = 0.04
ILL = "s0"


@dataclass
class Server:
    """Two slots: what is begun waits for one, is worked on, and ends well or not."""

    work_s: float = WORK_S
    fails: bool = False
    failures_max: int = 5
    """Envoy leaves it out after so many."""
    is_silent: bool = False
    is_ejected: bool = False
    begun: int = 0
    failed: int = 0
    ends_s: list[float] = field(default_factory=list)
    free_s: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def take(self, now_s: float) -> None:
        """Begin one request."""
        self.begun += 1
        if self.fails:
            self.failed += 1
            self.is_ejected = self.failed >= self.failures_max
            return
        slot = self.free_s.index(min(self.free_s))
        self.free_s[slot] = max(now_s, self.free_s[slot]) + self.work_s
        self.ends_s.append(self.free_s[slot])

    def tally(self, now_s: float) -> Tally:
        """What the edge knows of it."""
        self.ends_s = [end_s for end_s in self.ends_s if end_s > now_s]
        return Tally(
            begun=self.begun,
            active=len(self.ends_s),
            failed=self.failed,
            is_well=not self.is_ejected,
        )


class World:
    """An edge that picks the least busy of those that are not left out, looked at as it runs."""

    def __init__(self, *, size: int = 6, rate: float = 150.0, seed: int = 1) -> None:
        self.servers = {f"s{number}": Server() for number in range(size)}
        self.isolation = Isolation()
        self.rate = rate
        self.now_s = 0.0
        self.found: list[tuple[float, Finding]] = []
        self.back: list[tuple[float, str]] = []
        self.harmed_s: list[float] = []
        self._dice = random.Random(seed)  # noqa: S311  repeatable on purpose
        self._next_look_s = 0.0

    def run(self, seconds: float) -> None:
        """Let people come."""
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += STEP_S
            count = int(self.rate * STEP_S) + (self._dice.random() < self.rate * STEP_S % 1)
            for _ in range(count):
                self._send()
            if self.now_s >= self._next_look_s:
                self._next_look_s = self.now_s + LOOK_S
                self._look()

    def _send(self) -> None:
        usable = [
            server
            for name, server in self.servers.items()
            if name not in self.isolation.left_out and not server.is_ejected
        ]
        busy = {id(server): server.tally(self.now_s).active for server in usable}
        least = min(busy.values())
        server = self._dice.choice([one for one in usable if busy[id(one)] == least])
        server.take(self.now_s)
        if server.fails or max(server.ends_s, default=0.0) - self.now_s > 5 * WORK_S:
            self.harmed_s.append(self.now_s)

    def _look(self) -> None:
        look = Look(
            at_s=self.now_s,
            tallies={name: server.tally(self.now_s) for name, server in self.servers.items()},
            silent=frozenset(name for name, server in self.servers.items() if server.is_silent),
        )
        if finding := self.isolation.judge(look):
            self.found.append((self.now_s, finding))
        back = self.isolation.release(now_s=self.now_s, silent=look.silent_alone)
        self.back += [(self.now_s, name) for name in back]


def slow(server: Server) -> None:
    """Ten times as slow, its answer to the question for its load included."""
    server.work_s, server.is_silent = 10 * WORK_S, True


def hang(server: Server) -> None:
    """Takes everything, answers nothing."""
    server.work_s, server.is_silent = 1000.0, True


def fail(server: Server) -> None:
    """Answers an error at once, and every question well."""
    server.fails = True


def drop(server: Server) -> None:
    """Breaks every connection off, those with questions included."""
    server.fails, server.failures_max, server.is_silent = True, 3, True


@given(st.sampled_from([slow, hang, fail, drop]), st.integers(0, 1000))
def test_one_ill_server_of_six_is_left_out_within_two_seconds(
    fall_ill: Callable[[Server], None], seed: int
) -> None:
    """It harms fewer than one request in a hundred of a minute: 90 of 9,000."""
    world = World(seed=seed)
    world.run(3)
    fall_ill(world.servers[ILL])
    world.run(10)
    assert [finding.server for _, finding in world.found] == [ILL]
    assert max(world.harmed_s) <= 5
    assert len(world.harmed_s) < 90
    assert world.isolation.left_out == {ILL}


@given(
    factor=st.floats(1.0, 30.0),
    all_silent=st.booleans(),
    rate=st.floats(20.0, 1500.0),
    seed=st.integers(0, 1000),
)
def test_what_all_of_them_suffer_is_nobodys_fault(
    *, factor: float, all_silent: bool, rate: float, seed: int
) -> None:
    """An overload, a slow database, a machine at its end: leaving one out would make it worse."""
    world = World(rate=50.0, seed=seed)
    world.run(1.5)
    world.rate = rate
    for server in world.servers.values():
        server.work_s *= factor
        server.is_silent = all_silent
    world.run(3)
    assert world.found == []


def test_a_shared_failure_is_nobodys_fault() -> None:
    """A broken database: every server fails, and Envoy leaves half of them out as it is."""
    world = World()
    world.run(2)
    for server in world.servers.values():
        server.failed, server.begun = server.failed + 50, server.begun + 50
    world.run(1)
    assert world.found == []


def test_slow_requests_without_a_second_witness_have_to_last() -> None:
    """A few dear requests, or a disk: the server itself answers as quickly as ever."""
    world = World()
    world.run(2)
    world.servers[ILL].work_s = 10 * WORK_S
    world.run(UNWITNESSED_S - 1)
    world.servers[ILL].work_s = WORK_S
    world.run(4)
    assert world.found == []
    world.servers[ILL].work_s = 10 * WORK_S
    world.run(UNWITNESSED_S + 2)
    assert [finding.server for _, finding in world.found] == [ILL]


def test_silence_without_slow_requests_is_no_reason() -> None:
    """People are answered: what a server says about itself takes it away no more than a check."""
    world = World()
    world.servers[ILL].is_silent = True
    world.run(20)
    assert world.found == []


def test_a_server_that_was_given_too_much_is_not_the_slow_one() -> None:
    """December 22: the hot server's queue is the balancer's doing."""
    world = World()
    world.run(2)
    world.servers[ILL].is_silent = True
    for _ in range(8):
        for _ in range(60):
            world.servers[ILL].take(world.now_s)
        world.run(LOOK_S)
    assert world.found == []


def test_it_comes_back_when_it_answers_again_and_not_before() -> None:
    """While it is silent nobody is sent to find out."""
    world = World()
    world.run(2)
    slow(world.servers[ILL])
    world.run(60)
    assert (len(world.found), world.back) == (1, [])
    world.servers[ILL] = Server(begun=world.servers[ILL].begun)
    world.run(TERM_S_SILENT + 1)
    assert [name for _, name in world.back] == [ILL]
    world.run(10)
    assert len(world.found) == 1


def test_one_that_drops_what_it_gets_is_not_tried_on_people() -> None:
    """Envoy alone would, every few seconds: its ejection ends, and ours does not."""
    world = World()
    world.run(2)
    drop(world.servers[ILL])
    world.run(3)
    harmed = len(world.harmed_s)
    world.servers[ILL].is_ejected, world.servers[ILL].failed = False, 0
    world.run(30)
    assert len(world.harmed_s) == harmed
    world.servers[ILL] = Server(begun=world.servers[ILL].begun)
    world.run(TERM_S_SILENT + 1)
    assert [name for _, name in world.back] == [ILL]


def test_who_is_due_is_told_and_stays_out_when_it_makes_no_page() -> None:
    """The first try after a term is not a person's."""
    isolation = Isolation()
    isolation.adopt(["a", "b"], now_s=0.0)
    assert isolation.list_due(now_s=TERM_S - 1) == []
    assert isolation.list_due(now_s=TERM_S) == ["a", "b"]
    assert isolation.release(now_s=TERM_S, silent=frozenset({"a"})) == ["b"]
    assert isolation.list_due(now_s=TERM_S + TERM_S_SILENT) == ["a"]


def test_terms_double_up_to_two_minutes() -> None:
    """One that answers its question well and fails people: they find out, ever more rarely."""
    world = World()
    world.run(2)
    world.servers[ILL].fails = True
    world.run(2)
    pauses_s = []
    for _ in range(6):
        world.servers[ILL].is_ejected, world.servers[ILL].failed = False, 0
        left_out_s = world.found[-1][0]
        while not world.back or world.back[-1][0] < left_out_s:
            world.run(LOOK_S)
        pauses_s.append(world.back[-1][0] - left_out_s)
        world.run(3)
    expected_s = [TERM_S, 2 * TERM_S, 4 * TERM_S, TERM_S_MAX, TERM_S_MAX, TERM_S_MAX]
    assert pauses_s == pytest.approx(expected_s, abs=2 * LOOK_S)


@pytest.mark.parametrize(("size", "left_out_max"), [(1, 0), (2, 0), (3, 1), (5, 1), (6, 2)])
def test_a_third_is_left_out_at_most_and_one_a_second(size: int, left_out_max: int) -> None:
    """Two have nobody to be compared with."""
    world = World(size=size, rate=20.0 * size)
    world.run(2)
    for server in list(world.servers.values())[: max(1, (size - 1) // 2)]:
        slow(server)
    world.run(20)
    assert len(world.isolation.left_out) == left_out_max
    times_s = [at_s for at_s, _ in world.found]
    assert all(b - a >= PAUSE_S for a, b in pairwise(times_s))


def test_those_that_envoy_left_out_count_among_the_third() -> None:
    """Two of six are dead: the slow one is needed."""
    world = World()
    world.run(2)
    world.servers["s4"].is_ejected = world.servers["s5"].is_ejected = True
    slow(world.servers[ILL])
    world.run(10)
    assert world.found == []


def test_a_server_that_died_is_not_a_failing_one() -> None:
    """It is back in seconds, and Envoy's check finds that at once."""
    isolation, names = Isolation(), ("a", "b", "c")
    for number in range(20):
        dead = Tally(begun=40, failed=min(number, 8), unconnected=min(number, 3), is_well=False)
        tallies = {name: Tally(begun=40 + 10 * number) for name in names} | {"a": dead}
        assert isolation.judge(Look(at_s=number * LOOK_S, tallies=tallies)) is None


def test_who_was_left_out_before_a_restart_of_ours_has_one_more_term() -> None:
    """Nobody is forgotten outside."""
    isolation = Isolation()
    isolation.adopt({"a"}, now_s=0.0)
    assert isolation.release(now_s=TERM_S - 1) == []
    assert isolation.release(now_s=TERM_S) == ["a"]


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from([f"s{number}" for number in range(7)]),
            st.builds(
                Tally,
                begun=st.integers(0, 500),
                active=st.integers(0, 100),
                failed=st.integers(0, 100),
                unconnected=st.integers(0, 5),
                is_well=st.booleans(),
            ),
            min_size=3,
        ),
        max_size=60,
    ),
    st.frozensets(st.sampled_from([f"s{number}" for number in range(7)])),
)
def test_whatever_the_edge_counts_the_bounds_hold(
    rounds: list[dict[str, Tally]], silent: frozenset[str]
) -> None:
    """Counters that jump, servers that come and go."""
    isolation, last_s = Isolation(), float("-inf")
    for number, tallies in enumerate(rounds):
        now_s = number * LOOK_S
        look = Look(at_s=now_s, tallies=tallies, silent=silent & tallies.keys())
        if finding := isolation.judge(look):
            assert now_s - last_s >= PAUSE_S
            last_s = now_s
            present = isolation.left_out & tallies.keys()
            assert finding.server in present
            assert len(present) <= len(tallies) // 3
        isolation.release(now_s=now_s, silent=look.silent_alone)
