"""Which server is left out for a while, because it alone is slow or it alone fails?

Envoy judges a server by itself, answer by answer: it sees one that breaks off or fails, and tries
it again after a few seconds with people's requests.  It never sees one that is slow, and gives it
fewer requests but harms each of them.  Here servers are judged beside each other, every quarter
of a second, by what the edge counts anyway:

* How long an answer takes is how many requests were at a server on average, divided by how many
  it ended a second (Little 1961, "A proof for the queuing formula L = λW").
* Slow is only who takes several times as long as the median of the others, and got no more than
  its share: when all are slow it is the load, and who got more was given too much.
* Two witnesses are believed at once: the requests, and the question for its load that it did not
  answer in time.  Requests alone have to say so for seconds: a few dear ones are no illness.  Who
  answers neither and is left out by Envoy stays so until it answers: Envoy's own term ends by
  trying it with people.
* Nobody is judged without two others to compare with; a third of the servers is left out at most,
  those that Envoy finds ill included; one a second.

Who is left out comes back after its term, but not while it leaves a question unanswered: that for
its load all the time, and one for a page when its term is over (`steer.py` asks).  Terms double
while the same server is left out again and again.

Pure: no clock, no file, no socket.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

WINDOW_S = 1.0
REQUESTS_MIN = 3
"""Without a second witness, and to be compared with.  A slow server has as many at once as the
others, so few more are seen there within a second; one that hangs may have one for ever."""
TIMES_SLOWER = 4.0
SLOWER_S_MIN = 0.1
"""Four times of five milliseconds is nothing that anybody notices."""
WITNESSED_S = 0.2
"""Two looks in a row."""
UNWITNESSED_S = 5.0
FAILURES_MIN = 5
FAILING_SHARE = 0.6
"""Envoy's own limits (`clusters.py`): whom it leaves out for seconds is left out for longer, also
when it did so before the share of the failed was as large."""
PEERS_FAILING_SHARE = 0.1
PEERS_MIN = 2
LEFT_OUT_SHARE = 3
"""One of so many servers may be left out."""
PAUSE_S = 1.0
TERM_S_SILENT = 2.0
"""Short: its own answers say when it is well, and until then the term begins anew."""
TERM_S = 15.0
"""It answers questions and fails people: one page well made is little proof that it is well."""
TERM_S_MAX = 120.0
FORGOTTEN_S = 300.0


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What one server was given and gave back, since the edge started."""

    begun: int = 0
    active: int = 0
    """At this moment."""
    failed: int = 0
    unconnected: int = 0
    """Connections that were refused: nobody listens there."""
    is_left_out: bool = False
    """By the list of endpoints."""
    is_well: bool = True
    """In Envoy's judgement."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """Every server at one moment."""

    at_s: float
    tallies: Mapping[str, Tally]
    silent: frozenset[str] = frozenset()
    """Who did not answer the question for its load in time."""

    @property
    def silent_alone(self) -> frozenset[str]:
        """Who is silent while most answer; when half are, who asks is ill, or the machine."""
        is_few = len(self.silent) * 2 < len(self.tallies)
        return self.silent if is_few else frozenset()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A server that is to be left out, and why, for the operator."""

    server: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What one server did within the window."""

    begun: int
    handled: int
    """Begun within the window or before, and not ended before."""
    ended: int
    failed: int
    unconnected: int
    latency_s: float

    @property
    def failed_share(self) -> float:
        return self.failed / max(1, self.ended)


@dataclass(slots=True)
class _Term:
    until_s: float
    is_over: bool = False
    count: int = 1


@dataclass(slots=True)
class Isolation:
    """Who is left out, and what was seen of everybody lately."""

    _looks: deque[Look] = field(default_factory=deque)
    _slow_since_s: dict[str, float] = field(default_factory=dict)
    _terms: dict[str, _Term] = field(default_factory=dict)
    _last_s: float = float("-inf")

    @property
    def left_out(self) -> frozenset[str]:
        """Who is left out now."""
        return frozenset(name for name, term in self._terms.items() if not term.is_over)

    def adopt(self, servers: Iterable[str], *, now_s: float) -> None:
        """Take over who was left out before we started: each has one more term."""
        for server in servers:
            self._terms[server] = _Term(until_s=now_s + TERM_S)

    def list_due(self, *, now_s: float) -> list[str]:
        """Return whose term is over, to be asked for a page before they are let back."""
        return [
            server
            for server, term in self._terms.items()
            if not term.is_over and now_s >= term.until_s
        ]

    def release(self, *, now_s: float, silent: frozenset[str] = frozenset()) -> list[str]:
        """Let those back whose term is over; return them.  Silence alone begins it anew."""
        back = []
        for server, term in list(self._terms.items()):
            if not term.is_over:
                if server in silent:
                    term.until_s = max(term.until_s, now_s + TERM_S_SILENT)
                elif now_s >= term.until_s:
                    term.is_over, term.until_s = True, now_s
                    back.append(server)
            elif now_s - term.until_s > FORGOTTEN_S:
                del self._terms[server]
        return back

    def judge(self, look: Look) -> Finding | None:
        """Find the server that is to be left out from now on, if there is one."""
        self._remember(look)
        works = self._weigh()
        since_s = self._slow_since_s
        self._slow_since_s = {name: since_s[name] for name in since_s.keys() & works.keys()}
        allowed = len(look.tallies) // LEFT_OUT_SHARE
        found = None
        for server, work in works.items():
            peers = [other for name, other in works.items() if name != server]
            peers = [peer for peer in peers if peer.handled >= REQUESTS_MIN]
            if len(peers) < PEERS_MIN:
                self._slow_since_s.pop(server, None)
                continue
            term_s, reason = self._accuse(server, work, peers, look)
            missing = sum(
                name != server and (name in self.left_out or not tally.is_well)
                for name, tally in look.tallies.items()
            )
            if reason and not found and missing < allowed and look.at_s - self._last_s >= PAUSE_S:
                self._leave_out(server, term_s=term_s, now_s=look.at_s)
                found = Finding(server=server, reason=reason)
        return found

    def _remember(self, look: Look) -> None:
        before = self._looks[-1].tallies if self._looks else {}
        # A counter that went back belongs to an edge that started anew.
        if any(
            name in before and tally.begun < before[name].begun
            for name, tally in look.tallies.items()
        ):
            self._looks.clear()
        self._looks.append(look)
        while len(self._looks) > 2 and look.at_s - self._looks[1].at_s >= WINDOW_S:  # noqa: PLR2004
            self._looks.popleft()

    def _weigh(self) -> dict[str, _Work]:
        """Say what each server did within the window; nothing before it has passed once."""
        first, last = self._looks[0], self._looks[-1]
        if last.at_s - first.at_s < WINDOW_S:
            return {}
        return {
            name: self._weigh_one(name, first.tallies[name], tally)
            for name, tally in last.tallies.items()
            if name not in self.left_out and all(name in look.tallies for look in self._looks)
        }

    def _weigh_one(self, name: str, first: Tally, last: Tally) -> _Work:
        present_s = sum(
            now.tallies[name].active * (now.at_s - before.at_s)
            for before, now in pairwise(self._looks)
        )
        begun = last.begun - first.begun
        ended = begun + first.active - last.active
        return _Work(
            begun=begun,
            handled=begun + first.active,
            ended=ended,
            failed=last.failed - first.failed,
            unconnected=last.unconnected - first.unconnected,
            latency_s=present_s / max(1, ended),
        )

    def _accuse(
        self, server: str, work: _Work, peers: list[_Work], look: Look
    ) -> tuple[float, str]:
        """Return for how long it is to be left out, and why; no reason when it is not."""
        peers_s = median(peer.latency_s for peer in peers)
        share = (work.begun + sum(peer.begun for peer in peers)) / (len(peers) + 1)
        is_silent = server in look.silent_alone
        is_slow = work.latency_s >= max(TIMES_SLOWER * peers_s, peers_s + SLOWER_S_MIN)
        if is_slow and work.begun <= share and (is_silent or work.handled >= REQUESTS_MIN):
            slow_s = look.at_s - self._slow_since_s.setdefault(server, look.at_s)
            if slow_s >= (WITNESSED_S if is_silent else UNWITNESSED_S):
                term_s = TERM_S_SILENT if is_silent else TERM_S
                return term_s, f"answers after {work.latency_s:.2f} s, others after {peers_s:.2f} s"
        else:
            self._slow_since_s.pop(server, None)
        peers_failing = median(peer.failed_share for peer in peers)
        # Who refuses connections is dead, not failing: Envoy's check finds that, and its return.
        is_doubted = work.failed_share >= FAILING_SHARE or not look.tallies[server].is_well
        failures_min = 1 if is_silent else FAILURES_MIN
        fails = work.failed >= failures_min and is_doubted and not work.unconnected
        if fails and peers_failing < PEERS_FAILING_SHARE:
            term_s = TERM_S_SILENT if is_silent else TERM_S
            return term_s, f"failed {work.failed} of {work.ended}, others {peers_failing:.0%}"
        return 0.0, ""

    def _leave_out(self, server: str, *, term_s: float, now_s: float) -> None:
        known = self._terms.get(server)
        count = known.count + 1 if known else 1
        length_s = min(TERM_S_MAX, term_s * 2.0 ** (count - 1))
        self._terms[server] = _Term(until_s=now_s + length_s, count=count)
        self._slow_since_s.pop(server, None)
        self._last_s = now_s
