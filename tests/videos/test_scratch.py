"""Scratch folders: of the living they are left alone, of the dead they are removed."""

import subprocess
import sys
from pathlib import Path

from solstice.videos.scratch import remove_leftovers, scratch_folder

HOLD = """
import sys
from pathlib import Path
from solstice.videos.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1]), mark="clip.7") as folder:
    (folder / "half.mp4").write_bytes(b"x" * 1000)
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_gone_after_its_work(tmp_path: Path) -> None:
    """Also when the work failed."""
    try:
        with scratch_folder(tmp_path / "scratch", mark="clip.7") as folder:
            (folder / "file").write_bytes(b"x")
            raise RuntimeError  # noqa: TRY301
    except RuntimeError:
        pass
    assert not list((tmp_path / "scratch").iterdir())


def test_a_killed_process_leaves_what_the_next_one_removes(tmp_path: Path) -> None:
    """While it lives nobody touches its folder; once it is killed anybody may."""
    root = tmp_path / "scratch"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        assert remove_leftovers(root) == []
        (folder,) = root.iterdir()
        assert (folder / "half.mp4").exists()
        worker.kill()
    assert remove_leftovers(root) == ["clip.7"]
    assert not list(root.iterdir())


def test_no_scratch_at_all_is_fine(tmp_path: Path) -> None:
    """The first start of all."""
    assert remove_leftovers(tmp_path / "none") == []
