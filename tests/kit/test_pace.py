"""Long work beside an event loop: in steps, with rests between them."""

import pytest

from solstice.kit.pace import REST_MAX_S, RESTED_FOR_WORKED, Pace


class Clock:
    """A clock that only moves when a test says so, or when somebody sleeps by it."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept_s: list[float] = []

    def tell(self) -> float:
        """Tell the time."""
        return self.now_s

    def sleep(self, duration_s: float) -> None:
        """Let this much time pass."""
        self.slept_s.append(duration_s)
        self.now_s += duration_s


def test_each_rest_is_as_long_as_its_step_asks_for() -> None:
    """Twice the step, the rest before not counted; after a very long one no longer than REST_MAX_S.

    Otherwise work that was kept from its turn for a second would hardly ever end.
    """
    clock = Clock()
    pace = Pace(clock.tell, clock.sleep)
    for worked_s in (0.002, 0.005, 1.0):
        clock.now_s += worked_s
        pace.rest()
    wanted_s = [RESTED_FOR_WORKED * 0.002, RESTED_FOR_WORKED * 0.005, REST_MAX_S]
    assert clock.slept_s == pytest.approx(wanted_s)
