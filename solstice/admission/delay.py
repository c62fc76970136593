"""How late everything is: the one signal that sees every hidden queue.

CPU share is blind to locks and neighbours, and the latency of finished requests comes too late.
Three delays are watched instead, the largest counts: the event loop's lag (a ticker), the age of
requests since the edge stamped them, and waits for a pool that anybody reports.
Source: DAGOR (SoCC'18) uses average queuing time over 20 ms; Facebook's "Fail at Scale"
(ACM Queue 2015) uses 5 ms standing for 100 ms.
"""

from dataclasses import dataclass, field
from math import ceil

SAMPLES_MAX = 512
"""A window's samples are bounded; a fuller window keeps every n-th."""


@dataclass(slots=True)
class DelayWindow:
    """The delays of one window, in milliseconds."""

    samples: list[float] = field(default_factory=list)
    _seen: int = 0

    def observe(self, delay_ms: float) -> None:
        """Add one delay; clocks that disagree give negative ones, which mean none."""
        self._seen += 1
        if len(self.samples) < SAMPLES_MAX:
            self.samples.append(max(0.0, delay_ms))
        else:
            self.samples[self._seen % SAMPLES_MAX] = max(0.0, delay_ms)

    def take(self, share: float = 0.9) -> float:
        """Return the window's quantile and begin the next one; 0 when nothing was observed.

        By nearest rank from below: of two samples half is the lower one.
        """
        if not self.samples:
            return 0.0
        ordered = sorted(self.samples)
        self.samples = []
        self._seen = 0
        return ordered[max(0, ceil(share * len(ordered)) - 1)]


@dataclass(slots=True)
class Delays:
    """The delays of one process."""

    loop_lag: DelayWindow = field(default_factory=DelayWindow)
    age: DelayWindow = field(default_factory=DelayWindow)
    pool_wait: DelayWindow = field(default_factory=DelayWindow)
    gate_wait: DelayWindow = field(default_factory=DelayWindow)
    """Who waits waits through the loop's stalls as well: both waits count beyond the longest.
    Kept apart from the pool's: waiting for the limit says nothing about the limit."""
    service: DelayWindow = field(default_factory=DelayWindow)

    def take(self) -> "DelaySnapshot":
        """Close the window."""
        stall_ms = max(self.loop_lag.samples, default=0.0)
        return DelaySnapshot(
            # Half, and not the highest: late nearly always is a queue, late once is a stall
            # (compare CoDel).  One of 100 ms, which is one sample, closed a server for a second.
            loop_lag_ms=self.loop_lag.take(0.5),
            age_ms=self.age.take(0.5),
            pool_wait_ms=max(0.0, self.pool_wait.take() - stall_ms),
            gate_wait_ms=max(0.0, self.gate_wait.take() - stall_ms),
            service_ms=self.service.take(0.5),
        )


@dataclass(frozen=True, slots=True)
class DelaySnapshot:
    """What one window showed, in milliseconds."""

    loop_lag_ms: float = 0.0
    age_ms: float = 0.0
    pool_wait_ms: float = 0.0
    gate_wait_ms: float = 0.0
    service_ms: float = 0.0
    """The median time a request is worked on, waiting for a pool left out."""

    def wait_target_ms(self, target_ms: float) -> float:
        """Tell how long a wait may be: one turn, for a place that holds requests longer."""
        return max(target_ms, self.service_ms)

    def overload(self, target_ms: float) -> float:
        """Tell how late this process is, whatever for: 1.0 is just on time.

        Waits for a pool do not count here: the in-flight limit answers them, and its queue shows
        in the gate's.
        """
        return max(
            self.lateness(target_ms), self.gate_wait_ms / (2 * self.wait_target_ms(target_ms))
        )

    def lateness(self, target_ms: float) -> float:
        """Tell how late the processor is: everybody's business, whatever they ask for.

        Age includes the way through the edge, which a server cannot mend; it counts only
        together with a lag of its own, or when it is far beyond any way.
        """
        is_ours = self.loop_lag_ms >= target_ms / 4 or self.age_ms > AGE_ALONE_MS
        return max(
            self.loop_lag_ms / target_ms,
            self.age_ms / target_ms if is_ours else 0.0,
        )


AGE_ALONE_MS = 200.0
