"""The delay that counts is the worst one that a server can do something about."""

from hypothesis import given
from hypothesis import strategies as st

from solstice.admission.delay import SAMPLES_MAX, Delays, DelaySnapshot, DelayWindow


@given(st.lists(st.floats(-1e6, 1e6), max_size=2000))
def test_a_window_is_bounded_and_never_negative(samples: list[float]) -> None:
    """A flood of samples costs no memory; a clock behind the edge's is not a delay."""
    window = DelayWindow()
    for sample in samples:
        window.observe(sample)
    assert len(window.samples) <= SAMPLES_MAX
    assert window.take() >= 0.0
    assert window.take() == 0.0


def test_a_slow_way_through_the_edge_alone_is_not_our_overload() -> None:
    """Age counts with a lag of our own, or when it is beyond any way."""
    assert DelaySnapshot(loop_lag_ms=0.5, age_ms=50.0).overload(20.0) < 1.0
    assert DelaySnapshot(loop_lag_ms=5.0, age_ms=50.0).overload(20.0) == 2.5
    assert DelaySnapshot(loop_lag_ms=0.5, age_ms=500.0).overload(20.0) == 25.0


def test_a_place_that_holds_requests_long_may_let_them_wait_for_one_turn() -> None:
    """40 ms a request cannot turn over in 20."""
    assert DelaySnapshot(service_ms=40.0).wait_target_ms(20.0) == 40.0
    assert DelaySnapshot(service_ms=0.3).wait_target_ms(20.0) == 20.0


def test_a_wait_for_the_pool_is_the_limits_business() -> None:
    """The level would refuse people whom a smaller limit serves."""
    assert DelaySnapshot(pool_wait_ms=80.0).overload(20.0) == 0.0
    assert DelaySnapshot(gate_wait_ms=80.0).overload(20.0) == 2.0
    assert DelaySnapshot(gate_wait_ms=80.0).lateness(20.0) == 0.0


def test_a_stall_is_not_a_queue() -> None:
    """Garbage is collected, a neighbour has the core for 100 ms: nobody is refused for it."""
    delays = Delays()
    for lag_ms in (1.0, 2.0, 100.0):
        delays.loop_lag.observe(lag_ms)
    for waited_ms in (5.0, 105.0, 110.0):
        delays.gate_wait.observe(waited_ms)
    assert delays.take().overload(20.0) < 1.0


def test_a_queue_is_seen_in_its_first_window() -> None:
    """Every turn of the loop is late."""
    delays = Delays()
    for lag_ms in (30.0, 38.0):
        delays.loop_lag.observe(lag_ms)
    assert delays.take().overload(20.0) == 1.5
