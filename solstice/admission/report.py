"""What this server says of its load: to the edge, to clients, to whoever reads metrics.

Counts are plain numbers while requests run (a Prometheus counter's lock costs half a microsecond
each) and are handed to the metrics once a window.
"""

import msgspec

from solstice.admission.controller import Controller
from solstice.admission.priority import Priority
from solstice.kit.context import Degradation
from solstice.kit.metrics import ADMISSION, ADMITTED_TOTAL, DEGRADED_TOTAL, REFUSED_TOTAL

_NAMES = [priority.name.lower() for priority in Priority]
_STEPS = [step.name.lower() for step in Degradation]


class Tally:
    """Admitted and refused requests by priority, and admitted ones by degradation."""

    def __init__(self) -> None:
        self.admitted = [0] * len(Priority)
        self.refused = [0] * len(Priority)
        self.degraded = [0] * len(Degradation)
        self._published: dict[str, list[int]] = {}

    def publish(self) -> None:
        """Hand what happened since last time to the metrics."""
        self._add("admitted", self.admitted, _NAMES)
        self._add("refused", self.refused, _NAMES)
        self._add("degraded", self.degraded, _STEPS)

    def _add(self, kind: str, counts: list[int], names: list[str]) -> None:
        before = self._published.get(kind, [0] * len(counts))
        for name, count, known in zip(names, counts, before, strict=True):
            if count > known:
                _METRICS[kind].labels(name).inc(count - known)
        self._published[kind] = list(counts)


_METRICS = {"admitted": ADMITTED_TOTAL, "refused": REFUSED_TOTAL, "degraded": DEGRADED_TOTAL}


def render_headers(controller: Controller[object]) -> list[tuple[bytes, bytes]]:
    """Say on every answer how open this server is (per cent) and how loaded (ORCA)."""
    return [
        (b"x-solstice-level", str(round(controller.openness * 100)).encode()),
        (
            b"endpoint-load-metrics",
            f"TEXT application_utilization={controller.utilisation:.2f}".encode(),
        ),
    ]


def render_load(controller: Controller[object], tally: Tally) -> bytes:
    """Say the same and more to whoever steers: the body of `/healthz/load`."""
    return msgspec.json.encode(
        {
            "openness": round(controller.openness, 4),
            "degradation": int(controller.degradation),
            "utilisation": round(controller.utilisation, 4),
            "in_flight": controller.gate.in_flight,
            "limit": round(controller.gate.limit, 2),
            "admitted": dict(zip(_NAMES, tally.admitted, strict=True)),
            "refused": dict(zip(_NAMES, tally.refused, strict=True)),
        }
    )


def publish(controller: Controller[object], tally: Tally) -> None:
    """Set this process's metrics of admission."""
    tally.publish()
    ADMISSION.labels("openness").set(controller.openness)
    ADMISSION.labels("limit").set(controller.gate.limit)
    ADMISSION.labels("in_flight").set(controller.gate.in_flight)
    ADMISSION.labels("waiting").set(controller.gate.waiting_count)
    ADMISSION.labels("utilisation").set(controller.utilisation)
    ADMISSION.labels("degradation").set(int(controller.degradation))
