"""Telemetry takes the places that nobody else would have used, and gives them back at once."""

from hypothesis import given
from hypothesis import strategies as st

from solstice.admission.priority import Priority
from solstice.admission.yielding import Yielding
from tests.admission.slots import Asked, simulate_slots

USUAL = {
    Priority.PLAYBACK: 50.0,
    Priority.WRITE: 20.0,
    Priority.INTERACTIVE: 20.0,
    Priority.UPLOAD: 10.0,
}
"""A second, of the 200 that the place can do."""
TELEMETRY_PER_S = 40.0
FLOOD_FROM_S, SECONDS = 15, 30


def flood(at_s: float) -> dict[Priority, float]:
    """Twelve times the usual telemetry from one moment on; all else as before."""
    factor = 12.0 if at_s >= FLOOD_FROM_S else 1.0
    return {**USUAL, Priority.DEFERRABLE: factor * TELEMETRY_PER_S}


def p99_s(requests: list[Asked]) -> float:
    """99 % of the served ones were not slower."""
    latencies = sorted(one.latency_s for one in requests if one.latency_s is not None)
    return latencies[int(0.99 * len(latencies))]


def test_pages_under_a_flood_of_telemetry_wait_hardly_longer() -> None:
    """M3, in simulated time: all are served, p99 within a tenth, and the flood still moves."""
    requests = [
        asked for seed in range(8) for asked in simulate_slots(flood, seconds=SECONDS, seed=seed)
    ]
    pages = [one for one in requests if one.priority is Priority.PLAYBACK]
    before = [one for one in pages if 1 < one.at_s < FLOOD_FROM_S]
    during = [one for one in pages if one.at_s >= FLOOD_FROM_S]
    assert all(one.latency_s is not None for one in during)
    assert p99_s(during) <= 1.10 * p99_s(before)
    telemetry = [one for one in requests if one.priority is Priority.DEFERRABLE]
    flooding = [one for one in telemetry if one.at_s >= FLOOD_FROM_S]
    assert sum(one.latency_s is not None for one in flooding) > 0.1 * len(flooding)


def test_it_answers_only_for_waits_beside_it() -> None:
    """At nine tenths of its capacity a place lets people wait for each other (decision 0090)."""
    rates = {priority: 1.53 * per_s for priority, per_s in USUAL.items()}
    rates[Priority.DEFERRABLE] = 27.0
    requests = [
        one for seed in range(4) for one in simulate_slots(lambda _: rates, seconds=20, seed=seed)
    ]
    served = {
        priority: [one.latency_s is not None for one in requests if one.priority is priority]
        for priority in rates
    }
    shares = {priority: sum(each) / len(each) for priority, each in served.items()}
    assert shares.pop(Priority.DEFERRABLE) > 0.8
    assert min(shares.values()) > 0.99


def test_it_takes_what_is_left_while_nobody_waits() -> None:
    """One place more in a second: telemetry alone may fill the place."""
    yielding = Yielding(places=1.0)
    for _ in range(100):
        yielding.observe(0.0)
        yielding.adapt(target_ms=40.0, limit=50.0)
    assert yielding.places > 10.0


def test_it_yields_within_half_a_second() -> None:
    """From a whole pool to a few places, when others wait half a turn."""
    yielding = Yielding(places=20.0)
    for _ in range(5):
        yielding.observe(20.0)
        yielding.observe(20.0)
        yielding.adapt(target_ms=40.0, limit=20.0)
    assert yielding.places < 5.0


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(2, 256)), max_size=100))
def test_it_keeps_one_place_and_stays_near_the_limit(windows: list[tuple[float, float]]) -> None:
    """Or telemetry would stop for good, or a quiet night would leave room for a flood."""
    yielding = Yielding()
    for waited_ms, limit in windows:
        yielding.observe(waited_ms)
        yielding.adapt(target_ms=20.0, limit=limit)
        assert 1.0 <= yielding.places <= limit + 1.0
