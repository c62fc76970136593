"""Log files of processes: bounded, and read along for what the operator should see."""

import json
from pathlib import Path

import pytest

from solstice.kit.logfiles import FILE_BYTES_MAX, LINES_MAX, LogFile, find_trouble


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('{"level":"warning","event":"disk.low","free_mb":3}', "disk.low free_mb=3"),
        ('{"level":"info","event":"request"}', None),
        ("2026-01-01 FATAL:  the database system is starting up", "FATAL"),
        ("[2026-01-01][12][warning][main] careful", "careful"),
        ("plain words", None),
        ("[1, 2]", None),
    ],
)
def test_warnings_are_shown_and_the_rest_is_not(line: str, shown: str | None) -> None:
    """The terminal shows what needs an eye; the files have everything."""
    trouble = find_trouble(line)
    assert (trouble is None) == (shown is None)
    assert shown is None or (trouble is not None and shown in trouble)


def test_escape_sequences_never_reach_the_terminal() -> None:
    """A file name of an upload must not be able to repaint the operator's screen."""
    trouble = find_trouble(json.dumps({"level": "error", "event": "bad \x1b[2Jname\r\n\x9b1m"}))
    assert trouble is not None
    assert trouble.isprintable()


def test_each_line_is_shown_once_and_a_half_line_waits_for_its_end(tmp_path: Path) -> None:
    """Reading along neither repeats nor tears lines."""
    path = tmp_path / "thing.log"
    file = LogFile(path)
    path.write_text("ERROR one\nERROR tw")
    assert file.read_warnings() == ["ERROR one"]
    with path.open("a") as log:
        log.write("o\n")
    assert file.read_warnings() == ["ERROR two"]
    assert file.read_warnings() == []


def test_what_was_there_before_we_started_is_not_shown_again(tmp_path: Path) -> None:
    """Yesterday's errors are not today's news."""
    path = tmp_path / "thing.log"
    path.write_text("ERROR yesterday\n")
    assert LogFile(path).read_warnings() == []


def test_a_flood_is_skipped_not_queued(tmp_path: Path) -> None:
    """A process that shouts a million lines costs the supervisor a bounded read."""
    path = tmp_path / "thing.log"
    file = LogFile(path)
    path.write_text("ERROR flood\n" * 100_000)
    assert len(file.read_warnings()) == LINES_MAX
    assert file.read_warnings() == []


def test_a_large_file_is_cut_while_its_writer_goes_on(tmp_path: Path) -> None:
    """Logs never fill the disk, and the writer need not know."""
    path = tmp_path / "thing.log"
    with path.open("ab", buffering=0) as writer:
        writer.write(b"x" * (FILE_BYTES_MAX + 1))
        file = LogFile(path)
        assert file.rotate()
        writer.write(b"ERROR after\n")
    assert path.read_bytes() == b"ERROR after\n"
    assert path.with_suffix(".log.1").stat().st_size == FILE_BYTES_MAX + 1
    assert file.read_warnings() == ["ERROR after"]
    assert not file.rotate()
