"""Is an edge worse off than before?  Its own counters, read twice, and the difference judged.

The judgement is arithmetic over two readings, so that it is tested without an Envoy.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from solstice.edge.admin import ask_admin
from solstice.edge.clusters import APP

REQUESTS_MIN = 20
"""Fewer say nothing about a share."""
SHARE_MORE_MAX = 0.02
"""So much larger may the share of failed or refused requests become."""

_FILTER = (
    rf"(update_rejected$|^http\.viewers\.downstream_rq_(completed|5xx)$"
    rf"|^cluster\.{APP}\.(membership_(healthy|total)|upstream_rq_pending_overflow)$)"
)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Counters of one edge since it started, and how many of its servers are well."""

    rejected: int = 0
    answered: int = 0
    failed: int = 0
    refused: int = 0
    healthy: int = 0
    members: int = 0


def read_counters(directory: Path) -> Reading | None:
    """Ask the edge of this directory; None when none answers."""
    text = ask_admin(directory, f"/stats?format=json&filter={_FILTER}")
    if text is None:
        return None
    stats = {
        entry["name"]: entry["value"] for entry in json.loads(text)["stats"] if "name" in entry
    }
    return Reading(
        rejected=sum(value for name, value in stats.items() if name.endswith("update_rejected")),
        answered=stats.get("http.viewers.downstream_rq_completed", 0),
        failed=stats.get("http.viewers.downstream_rq_5xx", 0),
        refused=stats.get(f"cluster.{APP}.upstream_rq_pending_overflow", 0),
        healthy=stats.get(f"cluster.{APP}.membership_healthy", 0),
        members=stats.get(f"cluster.{APP}.membership_total", 0),
    )


def find_worsening(
    before: Reading, published: Reading, now: Reading | None, *, is_last: bool = False
) -> str | None:
    """Say what became worse since a publication; None when nothing did.

    Only the last look judges newcomers, who need a moment to be found healthy.

    `before` to `published` is the time just before it, `published` to `now` the time since.
    """
    if now is None or now.answered < published.answered:
        return "the edge stopped answering"
    if now.rejected > published.rejected:
        return "the edge rejected a part of it"
    if now.healthy < min(published.healthy, now.members):
        return f"{now.healthy} of {now.members} servers are healthy; {published.healthy} were"
    if is_last and now.members - now.healthy > published.members - published.healthy:
        return f"{now.members - now.healthy} of {now.members} servers do not answer as healthy"
    for what, share, share_before in (
        ("failed", _share(published, now, "failed"), _share(before, published, "failed")),
        ("refused", _share(published, now, "refused"), _share(before, published, "refused")),
    ):
        if share > share_before + SHARE_MORE_MAX:
            return f"{share:.0%} of requests {what}; {share_before:.0%} did before"
    return None


def _share(first: Reading, last: Reading, what: str) -> float:
    answered = last.answered - first.answered
    if answered < REQUESTS_MIN:
        return 0.0
    return float(getattr(last, what) - getattr(first, what)) / answered
