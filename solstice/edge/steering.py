"""Decide how far each valve is open, from what servers admit and refuse and what arrives.

A refusal costs a server between a twentieth and a fifth of an acceptance, so at ten times its
capacity it would spend most of itself on saying no; the edge says no for a fraction of that.  It
must therefore refuse most of what the servers would, but never what they could have taken: they
are sent `OVERSUPPLY` times what they admit, and choose among it by person and importance, which
the edge cannot see.  Chance at the edge is acceptable because it is only used where two thirds
would be refused anyway, and because what is let through still meets the servers' cohorts: a page
whose owner is in an admitted cohort loses single requests, which clients repeat once (decision
0018).

Sources: TopFull (SIGCOMM 2024; admission at the entry, steered by what is served), DAGOR (SoCC
2018; the servers' level tells the entry what to drop), multiplicative increase as in TCP.

Pure: no clock, no file, no socket.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from solstice.edge.valves import OPEN_PER_S, VALVES

OVERSUPPLY = 2.5
RAISE = 1.5
"""Four steps of a quarter of a second make five times as much within a second."""
REFUSING_SHARE_MIN = 0.05
REFUSING_PER_S_MIN = 2.0
LEARN = 0.5
ANSWERED_SHARE_MIN = 0.5
"""Servers that answer less than half of what they were sent stand still: that is no room."""
NOT_FOR_SERVERS = "download"
CHEAP_PER_S = 400.0
"""So many a second any server refuses by itself with a twentieth of a core.  Below that the edge
lets all through: a young instance whose transcodes delay a server for a moment must not have its
pages (fifty small files each) held to a few times the handful it admitted meanwhile."""
CHEAP_SHRINK, CHEAP_GROWTH, CHEAP_SHARE_MIN = 0.7, 1.5, 0.1
"""While more than that arrives and is refused it is a flood, and a server with a part of a core
would refuse for a living: what passes in any case shrinks to a tenth within two seconds."""
FLOOR_PER_S = 2.0
"""Even the last class keeps a trickle, so that nobody mistakes its valve for a closed door."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """What happened in a stretch of time, as rates a second."""

    servers: Mapping[str, tuple[float, float]]
    """Server → (admitted, refused); only servers that answered."""
    offered: Mapping[str, float]
    """By valve: what arrived, refused or not."""


@dataclass(slots=True)
class Steering:
    """What was learnt so far."""

    capacities: dict[str, float] = field(default_factory=dict)
    bound_per_s: float = OPEN_PER_S
    """For all classes together."""
    cheap_share: float = 1.0
    """Of `CHEAP_PER_S`; less in a flood."""

    def decide(self, window: Window) -> dict[str, float] | None:
        """Return the rate of each valve, or None to leave all as they are."""
        if not window.servers:
            return None
        if any(_is_refusing(*rates) for rates in window.servers.values()):
            self._learn(window.servers)
            wanted = OVERSUPPLY * self._capacity(window.servers)
            cheap = CHEAP_PER_S * len(window.servers)
            is_flood = _sum_for_servers(window.offered) > cheap
            self.cheap_share *= CHEAP_SHRINK if is_flood else CHEAP_GROWTH
            self.cheap_share = min(1.0, max(CHEAP_SHARE_MIN, self.cheap_share))
            self.bound_per_s = min(OPEN_PER_S, max(self.cheap_share * cheap, wanted))
        elif self._is_answered(window):
            # No server refuses: what the edge still refuses they could have taken, and when it
            # refuses nothing either, the load is gone and the bound with it.
            self.bound_per_s = min(OPEN_PER_S, self.bound_per_s * RAISE)
            self.cheap_share = min(1.0, self.cheap_share * CHEAP_GROWTH)
        return self._share_out(window.offered)

    def _is_answered(self, window: Window) -> bool:
        """Tell whether servers answer what comes through, one way or the other."""
        answered = sum(map(sum, window.servers.values()))
        asked = _sum_for_servers(window.offered)
        return answered >= ANSWERED_SHARE_MIN * min(asked, self.bound_per_s)

    def _learn(self, servers: Mapping[str, tuple[float, float]]) -> None:
        for server, (admitted, refused) in servers.items():
            known = self.capacities.get(server)
            if _is_refusing(admitted, refused):
                fresh = admitted if known is None else known + LEARN * (admitted - known)
                self.capacities[server] = max(1.0, fresh)
            elif known is not None:
                self.capacities[server] = max(known, admitted)

    def _capacity(self, servers: Mapping[str, tuple[float, float]]) -> float:
        known = [self.capacities[server] for server in servers if server in self.capacities]
        # A server that never refused is taken for one like the others.
        return sum(known) * len(servers) / len(known)

    def _share_out(self, offered: Mapping[str, float]) -> dict[str, float]:
        """Let each class have what those above it leave."""
        rates, left = {}, self.bound_per_s
        for name in VALVES:
            rates[name] = max(FLOOR_PER_S, left)
            left -= min(left, offered.get(name, 0.0))
        if self.bound_per_s >= OPEN_PER_S:
            return dict.fromkeys(VALVES, OPEN_PER_S)
        return rates


def differ(rates: Mapping[str, float], others: Mapping[str, float], *, share: float = 0.2) -> bool:
    """Whether it is worth telling the edge: each telling fills its buckets anew."""
    return any(
        abs(rate - others.get(name, 0.0)) > share * max(rate, others.get(name, 0.0))
        for name, rate in rates.items()
    )


def _sum_for_servers(offered: Mapping[str, float]) -> float:
    return sum(rate for name, rate in offered.items() if name != NOT_FOR_SERVERS)


def _is_refusing(admitted: float, refused: float) -> bool:
    return refused >= max(REFUSING_PER_S_MIN, REFUSING_SHARE_MIN * admitted)
