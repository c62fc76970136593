"""The log files of supervised processes: bounded in size, and read along for warnings.

Each process appends to its own file.  A file that grew past `FILE_BYTES_MAX` is
copied aside and cut to nothing; the writer appends and so goes on at the start.
A few lines written between copy and cut are lost, which is the price for children
that neither know of rotation nor block when nobody reads (a pipe would do both).
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

FILE_BYTES_MAX = 8 * 1024 * 1024
READ_BYTES_MAX = 64 * 1024
LINES_MAX = 20
LINE_CHARACTERS_MAX = 240

_PLAIN_TROUBLE = re.compile(
    r"\[(?:warning|error|critical)\]|\b(?:WARNING|ERROR|FATAL|PANIC|Traceback)\b"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class LogFile:
    """One process's log: `rotate` bounds it, `read_warnings` says what is new and bad."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = path.stat().st_size if path.exists() else 0

    def rotate(self) -> bool:
        """Copy the file aside and cut it when it is too large; whether that happened."""
        try:
            if self.path.stat().st_size <= FILE_BYTES_MAX:
                return False
            # A full disk must not keep the file growing: cut it even if the copy fails.
            try:
                shutil.copyfile(self.path, self.path.with_suffix(".log.1"))
            finally:
                os.truncate(self.path, 0)
        except OSError:
            return False
        self._offset = 0
        return True

    def read_warnings(self) -> list[str]:
        """Return the new lines that deserve the operator's eye, at most `LINES_MAX`.

        A flood is skipped, not queued: the file has it all.
        """
        try:
            size = self.path.stat().st_size
            if size == self._offset:
                return []
            if size < self._offset:
                self._offset = 0
            with self.path.open("rb") as file:
                file.seek(max(self._offset, size - READ_BYTES_MAX))
                text = file.read(READ_BYTES_MAX)
        except OSError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._offset = max(self._offset, size - READ_BYTES_MAX) + len(whole)
        return list(_list_troubles(whole))[:LINES_MAX]


def _list_troubles(text: bytes) -> Iterator[str]:
    for line in text.decode(errors="replace").splitlines():
        if trouble := find_trouble(line):
            yield trouble


def find_trouble(line: str) -> str | None:
    """Return a printable short form of a line that reports a warning or worse."""
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        return _printable(line) if _PLAIN_TROUBLE.search(line) else None
    if event.get("level") not in {"warning", "error", "critical"}:
        return None
    known = {"level", "timestamp", "process", "exception"}
    rest = " ".join(
        f"{key}={value}" for key, value in event.items() if key not in {*known, "event"}
    )
    return _printable(f"{event.get('event', '')} {rest}")


def _printable(text: str) -> str:
    """Keep terminal escapes of hostile input off the operator's terminal."""
    return _CONTROL.sub(" ", text).strip()[:LINE_CHARACTERS_MAX]
