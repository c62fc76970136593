"""The report is one page that says what held, with nothing fetched from anywhere."""

from xml.etree import ElementTree as ET

from solstice.drills.charts import Line, Span, render_chart
from solstice.drills.record import Record
from solstice.drills.report import render_report
from solstice.drills.scenario import Finding, Journal


def recorded() -> Record:
    """Three seconds of one action."""
    record = Record(duration_s=3)
    for second in range(3):
        row = record.row("<feed>", second)
        row.offered, row.good, row.attempts = 10, 9, 11
        row.latency_us.record_value(5000)
    return record


def test_a_chart_is_well_formed_and_shows_its_gaps() -> None:
    """A second without an answer has no latency, not a latency of zero."""
    lines = [Line(name="a & b", values=[1.0, None, 3.0, 4.0])]
    svg = render_chart("<T>", lines, unit="ms", spans=[Span(from_x=1, to_x=2, name="fault")])
    root = ET.fromstring(svg)  # noqa: S314 - our own text
    strokes = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert [len(stroke.attrib["points"].split()) for stroke in strokes] == [1, 2]


def test_an_empty_chart_is_still_a_chart() -> None:
    """A run of no length must not end in a traceback."""
    assert "<svg" in render_chart("Nothing", [], unit="")


def test_the_page_says_the_verdict_the_seed_and_the_commit() -> None:
    """What a reader needs to repeat it."""
    journal = Journal(title="Drill <1>", seed=42, commit="abc")
    journal.findings.append(
        Finding(kind="promise", name="pages keep coming", is_good=False, at_s=1)
    )
    page = render_report(journal, recorded())
    assert "Promises broken" in page
    assert "seed 42, commit abc" in page
    assert "Drill &lt;1&gt;" in page
    assert page.count("<svg") == 4


def test_the_page_asks_nobody_for_anything() -> None:
    """It must open on a train."""
    page = render_report(Journal(title="t", seed=1, commit="c"), recorded())
    assert "src=" not in page
    assert "<link" not in page
    assert "<script" not in page
