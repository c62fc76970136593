"""The published form: docs/overload.md's table between its marks, and the curves beside it.

What stands outside the marks is written by people and stays.
"""

import json
from collections import defaultdict
from math import isinf
from pathlib import Path

from bench.overload.journey import Route
from bench.overload.results import Results
from bench.overload.targets import OURS, Interval, Line, decide_ratio, judge, list_standing
from solstice.drills.charts import Line as Curve
from solstice.drills.charts import Span, render_chart

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
CURVES = {
    "journey slots": "Goodput before slot servers: 0.8, 1, 2, 5, 10, then 0.9 x capacity",
    "journey feed": "Goodput before the real feed handler: 0.8, 1, 2, 5, 10, then 0.9 x capacity",
    "flash crowd": "Goodput, a crowd from 0 to 10 x capacity in 5 s",
    "skew": "Goodput while the hot server hops every 2 s",
}
SETUPS = ("Solstice", "HAProxy", "NGINX", "Envoy")


def publish(results: Results, *, page: Path) -> None:
    """Put the table, the curves and the compact series where the documentation is."""
    folder = page.parent / "overload"
    folder.mkdir(exist_ok=True)
    readings = results.list_readings()
    text = page.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    lines = judge(readings)
    table = "\n".join([*_head(results), *(render_line(line) for line in lines)])
    page.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}")
    for measure, title in CURVES.items():
        series = list_goodputs(results, measure)
        if series:
            name = measure.replace(" ", "-")
            (folder / f"{name}.svg").write_text(_chart(measure, title, series))
            (folder / f"{name}.json").write_text(json.dumps(series, separators=(",", ":")) + "\n")


def _head(results: Results) -> list[str]:
    readings = results.list_readings()
    commits = sorted({reading.commit for reading in readings})
    notes = [f"Measured at {', '.join(f'`{commit}`' for commit in commits)}.", ""]
    late: dict[str, float] = {}
    for reading in readings:
        if reading.figure.startswith("generator late"):
            late[reading.setup] = max(late.get(reading.setup, 0.0), reading.value)
    if late:
        said = ", ".join(f"{late[name]:.0f} ms before {name}" for name in SETUPS if name in late)
        notes += [f"The generator was late by {said} (p99 of the worst run).", ""]
    for shape in ("slots", "feed"):
        standing = list_standing(readings, shape=shape)
        if not any(reading.figure == f"M1 {shape} 5x" for reading in readings):
            continue
        verdict = (
            f"**void: {', '.join(standing)} did not collapse**"
            if standing
            else "valid: all three stock set-ups collapsed in the same runs"
        )
        notes += [f"The comparison before {shape} is {verdict}.", ""]
    return [
        *notes,
        "| | figure | target | measured | interval | runs | best stock | verdict |",
        "|---|---|---|---|---|---|---|---|",
    ]


def render_line(line: Line) -> str:
    """Render one row of the table."""
    target, ours = line.target, line.ours
    shape = next((f", {shape}" for shape in ("slots", "feed") if shape in target.figure), "")
    sign = {"at least": "≥", "at most": "≤", "ratio to stock": "≥"}[target.is_met_by]
    unit = " x" if target.is_met_by == "ratio to stock" else ""
    stock = f"{line.best_stock[0]} {_say(line.best_stock[1].middle)}" if line.best_stock else ""
    measured = _say(ours.middle) if ours else "not measured"
    if ours and line.best_stock and target.is_met_by == "ratio to stock":
        ratio = decide_ratio(ours, line.best_stock[1])
        measured += "/s, stock served nobody" if isinf(ratio) else f"/s = {_say(ratio)} x"
    verdict = {True: "met", False: "**missed**", None: "-"}[line.is_met]
    cells = (
        target.measure,
        target.sentence + shape,
        f"{sign} {target.bound:g}{unit}",
        measured,
        _interval(ours),
        str(ours.runs) if ours else "",
        stock,
        verdict,
    )
    return "| " + " | ".join(cells) + " |"


def _interval(interval: Interval | None) -> str:
    if interval is None or interval.runs == 1:
        return ""
    return f"{_say(interval.low)} to {_say(interval.high)}"


def _say(value: float) -> str:
    return "never" if isinf(value) else f"{value:.4g}"


def list_goodputs(results: Results, measure: str) -> dict[str, list[float]]:
    """Good answers a second by set-up, the median of the runs in each second; and the offered."""
    sums: dict[tuple[str, int], dict[int, list[int]]] = defaultdict(dict)
    for row in results.list_series(measure):
        cell = sums[row["setup"], row["at_s"]].setdefault(row["run"], [0, 0])
        cell[0] += row["good"]
        cell[1] += row["offered"]
    curves: dict[str, list[float]] = {}
    for setup in SETUPS:
        seconds = sorted(at_s for name, at_s in sums if name == setup)
        cells = [sorted(sums[setup, at_s].values()) for at_s in seconds]
        if cells:
            curves[setup] = [float(cell[len(cell) // 2][0]) for cell in cells]
            if setup == OURS:
                curves["offered"] = [float(cell[len(cell) // 2][1]) for cell in cells]
    return curves


def _chart(measure: str, title: str, series: dict[str, list[float]]) -> str:
    highest = max(max(values) for name, values in series.items() if name != "offered")
    lines = [
        Curve(
            name=name,
            # What is offered leaves the picture at ten times; the curves are what matters.
            values=[min(v, 1.6 * highest) for v in values] if name == "offered" else values,
        )
        for name, values in series.items()
    ]
    spans = []
    if measure.startswith("journey"):
        route = Route()
        spans = [Span(from_x=route.window(2.0)[0], to_x=route.window(10.0)[1], name="overload")]
    return render_chart(title, lines, unit="per s", spans=spans)
