"""The report of a drill: one self-contained page with the verdicts and the curves."""

from collections.abc import Sequence
from html import escape

from solstice.drills.charts import Line, Span, render_chart
from solstice.drills.record import Record, Second, new_histogram
from solstice.drills.scenario import Journal

_STYLE = """
:root{color-scheme:light dark;--line:#8884}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:start;padding:.4rem;
border-bottom:1px solid var(--line);vertical-align:top}
.kept{color:#3c7a1e}.broken{color:#b3261e;font-weight:600}
svg{width:100%;height:auto;margin:1rem 0}small{opacity:.75}
@media(prefers-color-scheme:dark){.kept{color:#8fd06a}.broken{color:#ff8a80}}
"""


def render_report(
    journal: Journal, record: Record | None = None, *, spans: Sequence[Span] = ()
) -> str:
    """Render the page; curves only where a load was recorded."""
    verdict = "kept" if journal.is_kept else "broken"
    rows = "".join(
        f"<tr><td>{finding.at_s:.1f} s</td><td>{escape(finding.kind)}</td>"
        f"<td>{escape(finding.name)}<br><small>{escape(finding.detail)}</small></td>"
        f'<td class="{"kept" if finding.is_good else "broken"}">'
        f"{'held' if finding.is_good else 'broken'}</td></tr>"
        for finding in journal.findings
    )
    curves = "" if record is None else "".join(render_curves(record, spans=spans))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">'
        f"<title>{escape(journal.title)}</title><style>{_STYLE}</style>"
        f"<h1>{escape(journal.title)}</h1>"
        f'<p class="{verdict}">Promises {verdict}; run {escape(journal.status)}.</p>'
        f"<p><small>seed {journal.seed}, commit {escape(journal.commit)}</small></p>"
        f"{curves}<table><tr><th>at</th><th>part</th><th>what</th><th>verdict</th></tr>{rows}"
        f"</table></html>"
    )


def render_curves(record: Record, *, spans: Sequence[Span] = ()) -> list[str]:
    """Draw offered and good, latency, refusals by action, attempts per action."""
    totals = [_sum(rows) for rows in zip(*record.seconds.values(), strict=True)]
    return [
        render_chart(
            "Actions a second",
            [
                Line(name="offered", values=[row.offered for row in totals]),
                Line(name="good", values=[row.good for row in totals]),
                Line(name="failed", values=[row.failed for row in totals]),
            ],
            unit="per s",
            spans=spans,
        ),
        render_chart(
            "Latency of good answers",
            [
                Line(name=f"p{share:g}", values=[_percentile_ms(row, share) for row in totals])
                for share in (50, 99)
            ],
            unit="ms",
            spans=spans,
        ),
        render_chart(
            "Refused a second, by action",
            [
                Line(name=action, values=[row.refused for row in rows])
                for action, rows in sorted(record.seconds.items())
            ],
            unit="per s",
            spans=spans,
        ),
        render_chart(
            "Attempts per action",
            [
                Line(
                    name="attempts",
                    values=[row.attempts / row.offered if row.offered else None for row in totals],
                )
            ],
            unit="",
            spans=spans,
        ),
    ]


def _sum(rows: Sequence[Second]) -> Second:
    latency = new_histogram()
    for row in rows:
        latency.add(row.latency_us)
    return Second(
        offered=sum(row.offered for row in rows),
        good=sum(row.good for row in rows),
        refused=sum(row.refused for row in rows),
        failed=sum(row.failed for row in rows),
        attempts=sum(row.attempts for row in rows),
        latency_us=latency,
    )


def _percentile_ms(row: Second, share: float) -> float | None:
    return float(row.latency_us.get_value_at_percentile(share)) / 1000 if row.good else None
