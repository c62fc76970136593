"""Steering in simulated time: servers that admit so much and no more, an edge with valves."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from solstice.edge.steering import CHEAP_PER_S, OVERSUPPLY, Steering, Window, differ
from solstice.edge.valves import OPEN_PER_S, VALVES


@dataclass
class World:
    """Servers of known capacities behind an edge; each step is one look."""

    capacities: dict[str, float]
    steering: Steering = field(default_factory=Steering)
    rates: dict[str, float] = field(default_factory=lambda: dict.fromkeys(VALVES, OPEN_PER_S))

    def step(self, offered: dict[str, float]) -> tuple[dict[str, float], float]:
        """Let a window pass; return what was let through by class, and what was admitted."""
        passed = {name: min(rate, self.rates[name]) for name, rate in offered.items()}
        each = sum(passed.values()) / len(self.capacities)
        servers = {
            name: (min(each, capacity), max(0.0, each - capacity))
            for name, capacity in self.capacities.items()
        }
        decided = self.steering.decide(Window(servers=servers, offered=offered))
        self.rates = decided or self.rates
        return passed, sum(admitted for admitted, _ in servers.values())


def test_without_overload_every_valve_is_open() -> None:
    """A young instance bounds nothing it has not learnt."""
    world = World({"a": 100.0, "b": 100.0})
    for _ in range(20):
        world.step({"read": 150.0})
    assert world.rates == dict.fromkeys(VALVES, OPEN_PER_S)


@given(st.floats(2, 2000), st.floats(3, 50), st.sampled_from(VALVES))
def test_servers_see_a_few_times_what_they_admit(capacity: float, excess: float, name: str) -> None:
    """Enough to choose among, not so much that refusing becomes their work."""
    world = World({"a": capacity, "b": capacity})
    offered = {name: 2 * capacity * excess}
    for _ in range(8):
        passed, admitted = world.step(offered)
    assert admitted >= 2 * capacity * 0.99
    assert sum(passed.values()) <= max(OVERSUPPLY * 2 * capacity * 1.1, 2 * CHEAP_PER_S)


@given(st.floats(20, 2000), st.floats(3, 20), st.floats(0.1, 1.9))
def test_after_the_load_nothing_is_held_back(
    capacity: float, excess: float, load_after: float
) -> None:
    """In the very first moment, without being told: a rate only bounds what exceeds it."""
    world = World({"a": capacity, "b": capacity})
    for _ in range(8):
        world.step({"read": 2 * capacity * excess})
    passed, _ = world.step({"read": 2 * capacity * load_after * 0.5})
    assert sum(passed.values()) >= 2 * capacity * load_after * 0.5 * 0.99


def test_a_moment_of_refusals_closes_nobodys_page() -> None:
    """A page is fifty small files: few admitted while a server was late are no measure of it."""
    world = World({"a": 3.0, "b": 3.0})
    world.step({"write": 12.0})
    world.capacities = {"a": 500.0, "b": 500.0}
    passed, _ = world.step({"playback": 20.0, "read": 300.0})
    assert passed == {"playback": 20.0, "read": 300.0}
    for _ in range(16):
        world.step({"read": 10.0})
    assert world.rates == dict.fromkeys(VALVES, OPEN_PER_S), "and what was learnt is gone with it"


def test_in_a_flood_a_small_server_does_not_refuse_for_a_living() -> None:
    """Beyond what any server refuses cheaply for a moment, it gets a few times what it admits."""
    world = World({"a": 30.0, "b": 30.0})
    passed, _ = world.step({"read": 4 * CHEAP_PER_S})
    assert sum(passed.values()) == 4 * CHEAP_PER_S
    for _ in range(8):
        passed, _ = world.step({"read": 4 * CHEAP_PER_S})
    assert sum(passed.values()) <= OVERSUPPLY * 60.0 * 1.1
    for _ in range(8):
        world.step({"read": 90.0})
    passed, _ = world.step({"read": 2 * CHEAP_PER_S})
    assert sum(passed.values()) == 2 * CHEAP_PER_S, "and it is forgotten with the flood"


def test_servers_that_stand_still_have_no_room() -> None:
    """They refuse nobody then, and what is sent to them all the same waits for them in a queue."""
    world = World({"a": 50.0, "b": 50.0})
    for _ in range(8):
        world.step({"read": 2000.0})
    bound_per_s = world.steering.bound_per_s
    for _ in range(4):
        world.steering.decide(
            Window(servers={"a": (3.0, 0.0), "b": (0.0, 0.0)}, offered={"read": 2000.0})
        )
    assert world.steering.bound_per_s == bound_per_s


@given(st.floats(20, 500), st.floats(2, 10))
def test_capacity_that_comes_back_is_used_within_seconds(capacity: float, growth: float) -> None:
    """Half the servers were away, or slow: the bound learnt then must not outlive it."""
    world = World({"a": capacity, "b": capacity})
    offered = {"read": 40 * capacity}
    for _ in range(8):
        world.step(offered)
    world.capacities = {"a": capacity * growth, "b": capacity * growth}
    for _ in range(8):
        _, admitted = world.step(offered)
    assert admitted >= 2 * capacity * growth * 0.95


@given(st.floats(20, 500), st.floats(0.1, 0.9), st.floats(12, 60))
def test_a_flood_of_a_lesser_class_takes_nothing_from_a_greater(
    capacity: float, share: float, flood: float
) -> None:
    """All playback passes; beacons have what is left."""
    world = World({"a": capacity})
    offered = {"playback": share * capacity, "deferrable": flood * capacity}
    for _ in range(8):
        passed, _ = world.step(offered)
    assert passed["playback"] == offered["playback"]
    assert passed["deferrable"] <= max(OVERSUPPLY * capacity, CHEAP_PER_S)


@given(st.dictionaries(st.sampled_from(VALVES), st.floats(0, 5000)), st.floats(2, 500))
def test_the_order_of_the_classes_holds_in_the_valves(
    offered: dict[str, float], capacity: float
) -> None:
    """No class is ever bounded below one that is less important."""
    world = World({"a": capacity})
    for _ in range(6):
        world.step(offered)
        rates = [world.rates[name] for name in VALVES]
        assert rates == sorted(rates, reverse=True)


def test_silence_changes_nothing() -> None:
    """Servers that do not answer are no news: the edge stays as it is."""
    world = World({"a": 50.0})
    for _ in range(4):
        world.step({"read": 5000.0})
    silence = Window(servers={}, offered={"read": 1.0})
    assert world.steering.decide(silence) is None


def test_small_changes_are_not_told() -> None:
    """Each telling fills the buckets anew."""
    assert not differ({"read": 100.0}, {"read": 110.0})
    assert differ({"read": 100.0}, {"read": 150.0})
    assert differ({"read": 100.0}, {})
