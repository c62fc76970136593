"""From a fresh clone to the first page: dependencies downloaded, and already installed.

    python -m bench.startup [--short]

Clones this repository's HEAD, runs `make up` in it with an empty download cache, and asks for
the front page until it comes.  Then stops it and does the same again.  The short form leaves the
download out: it installs with whatever the machine has cached.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

from bench.asking import parse
from bench.table import Figure, print_figures

ROOT = Path(__file__).resolve().parents[1]
FRESH_S_MAX, INSTALLED_S_MAX = 120.0, 8.0
PATIENCE_S = 600.0


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--starts", type=int, default=3, help="the best of so many counts")
    chosen = parse(parser, starts=1)
    with tempfile.TemporaryDirectory(prefix="solstice-startup-") as temporary:
        place = Path(temporary)
        place.chmod(0o755)
        clone = place / "solstice"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)  # noqa: S607
        environment = fresh_environment(place)
        figures = [] if chosen.short else [measure_fresh(place, clone, environment)]
        if chosen.short:
            cached = {name: value for name, value in environment.items() if "CACHE" not in name}
            measure([clone / "bin" / "bootstrap.py"], clone, cached)
        installed_s = min(measure_up(clone, environment) for _ in range(chosen.starts))
        import_s = measure(["-c", "import solstice.app"], clone, environment, venv=True)
    figures.append(
        Figure(
            name="dependencies installed",
            target=f"≤ {INSTALLED_S_MAX:.0f} s",
            measured=f"{installed_s:.1f} s",
            met=installed_s <= INSTALLED_S_MAX,
            yardstick=f"importing the application once {import_s:.1f} s",
            ratio=installed_s / import_s,
        )
    )
    raise SystemExit(0 if print_figures("Fresh clone to first page", figures) else 1)


def measure_fresh(place: Path, clone: Path, environment: dict[str, str]) -> Figure:
    """Start with nothing downloaded; then download and install alone, as the yardstick."""
    fresh_s = measure_up(clone, environment)
    shutil.rmtree(place / "cache", ignore_errors=True)
    shutil.rmtree(clone / ".venv")
    sync_s = measure([clone / "bin" / "bootstrap.py"], clone, environment)
    return Figure(
        name="dependencies downloaded",
        target=f"≤ {FRESH_S_MAX:.0f} s",
        measured=f"{fresh_s:.1f} s",
        met=fresh_s <= FRESH_S_MAX,
        yardstick=f"download and install alone {sync_s:.1f} s",
        ratio=fresh_s / sync_s,
    )


def fresh_environment(place: Path) -> dict[str, str]:
    """Give the clone ports of its own and an empty cache; no uv on the PATH."""
    ports = iter(free_ports(8))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOLSTICE_")}
    return {
        **{name: value for name, value in kept.items() if name != "VIRTUAL_ENV"},
        "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
        "UV_CACHE_DIR": str(place / "cache"),
        "PIP_NO_CACHE_DIR": "1",
        "SOLSTICE_EDGE_PORT": str(next(ports)),
        "SOLSTICE_EDGE_METRICS_PORT": str(next(ports)),
        "SOLSTICE_MACHINE_SERVER_PORT": str(next(ports)),
        "SOLSTICE_MACHINE_SERVER_COUNT": "2",
        "SOLSTICE_MACHINE_MEDIA_PORT": str(next(ports)),
        "SOLSTICE_MACHINE_WORKER_PORT": str(next(ports)),
        "SOLSTICE_MACHINE_POSTGRES_PORT": str(next(ports)),
        "SOLSTICE_MACHINE_STEERING_PORT": str(next(ports)),
    }


def measure_up(clone: Path, environment: dict[str, str]) -> float:
    """Return the seconds from `make up` to the first page, then press Ctrl-C."""
    began = time.monotonic()
    process = subprocess.Popen(
        ["make", "up"],  # noqa: S607  the machine's own make
        cwd=clone,
        env=environment,
        stdin=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        wait_for_page(f"http://127.0.0.1:{environment['SOLSTICE_EDGE_PORT']}/", process)
        return time.monotonic() - began
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)


def wait_for_page(address: str, process: subprocess.Popen[bytes]) -> None:
    """Ask until the page comes."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as page:  # noqa: S310  loopback
                if page.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.02)
    raise SystemExit("the first page never came")


def measure(
    arguments: list[str | Path], clone: Path, environment: dict[str, str], *, venv: bool = False
) -> float:
    """Return the seconds a Python command takes in the clone."""
    python = clone / ".venv" / "bin" / "python" if venv else "python3"
    began = time.monotonic()
    subprocess.run([python, *arguments], cwd=clone, env=environment, check=True)
    return time.monotonic() - began


def free_ports(count: int) -> list[int]:
    """Find ports that are free now, the neighbours of the third included by spreading out."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


if __name__ == "__main__":
    main()
