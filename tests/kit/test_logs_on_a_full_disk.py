"""Logs on a full disk: lines are lost, requests are not."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import logging, structlog
from solstice.kit.logs import set_up_logs
set_up_logs(process="server")
structlog.get_logger().warning("lost")
logging.getLogger("library").warning("lost, too")
print("went on")
"""


def test_a_full_disk_loses_log_lines_and_nothing_else() -> None:
    """/dev/full refuses every write as a full disk does; the process must not notice."""
    with Path("/dev/full").open("wb", buffering=0) as full:
        outcome = subprocess.run(
            [sys.executable, "-u", "-c", PROGRAM],
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            timeout=30,
            check=False,
        )
    assert outcome.stdout == "went on\n"
    assert outcome.returncode == 0
