"""Who was silent and answers again is let back at once, whatever term it has been given.

Envoy leaves a server that hung out for up to fifteen seconds, since it can only try it with
people's requests.  A server that answered nobody, our question for its load included, and now
answers that question, is not ill any more: after half of a place hung for a minute, the rest was
overloaded for seven more seconds (measured), for nothing.

Only once in a while for the same server: one that answers questions and nobody else is left to
Envoy.  Pure: no clock, no file, no socket.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

ANSWERS = 2
"""A quarter of a second apart: the first answer may be the last of a dying process."""
PAUSE_S = 60.0
"""Before the same server is let back like this again."""


@dataclass(slots=True)
class Readmission:
    """What was seen of those that are left out."""

    _answers: dict[str, int] = field(default_factory=dict)
    """Since its last silence; only for servers that were silent while left out."""
    _not_before_s: dict[str, float] = field(default_factory=dict)

    @property
    def is_waiting(self) -> bool:
        """Whether somebody who was silent may be let back soon: worth a look each time."""
        return bool(self._answers)

    def decide(
        self, *, left_out: Collection[str], silent: Collection[str], now_s: float
    ) -> list[str]:
        """Return who is to be let back now; call at every look."""
        for server in [*self._answers]:
            if server not in left_out:
                del self._answers[server]
        back = []
        for server in left_out:
            if server in silent:
                self._answers[server] = 0
            elif server in self._answers:
                self._answers[server] += 1
                is_due = now_s >= self._not_before_s.get(server, now_s)
                if self._answers[server] >= ANSWERS and is_due:
                    del self._answers[server]
                    self._not_before_s[server] = now_s + PAUSE_S
                    back.append(server)
        return back
