"""The parts together: what one odd window does, and what it does not."""

from solstice.admission.controller import Controller
from solstice.admission.priority import Priority
from solstice.admission.settings import AdmissionSettings


def test_one_slow_connection_locks_nobody_out() -> None:
    """As many as the pool has connections are always worked on: a page asks for five at once."""
    controller: Controller[str] = Controller(AdmissionSettings(in_flight_min=8))
    for _ in range(10):
        controller.gate.admit(Priority.WRITE)
        controller.delays.pool_wait.observe(500.0)
        controller.gate.leave(Priority.WRITE, now_s=0.0)
        controller.close_window()
    admitted = [controller.gate.admit(Priority.INTERACTIVE) for _ in range(6)]
    assert admitted == [True] * 6


def test_opening_up_lets_everybody_in() -> None:
    """The way out when the arithmetic itself is broken."""
    controller: Controller[str] = Controller()
    controller.level.level = 16.0
    controller.gate.limit = 1.0
    controller.open_up()
    assert controller.openness == 1.0
    assert all(controller.gate.admit(Priority.DEFERRABLE) for _ in range(100))
