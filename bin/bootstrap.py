"""Install Solstice's locked dependencies into .venv, with nothing but a Python to begin with.

    python3 bin/bootstrap.py [--dev]

uv does the work.  Where it comes from, first that succeeds: a fitting uv on the PATH; pip in a
fresh virtual environment; the system's pip; the wheel from the package index, checked against
the hashes below (Debian's python3 has neither ensurepip nor pip).  Nothing needs root.

A stamp remembers what is installed, so that the second `make up` starts at once.
It must parse on any Python 3, to be able to say which one is needed.
"""

import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path
from urllib.parse import urljoin

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / "build" / "uv"
STAMP = VENV / ".solstice-installed"
PYTHON_MIN = (3, 11)
UV_VERSION = "0.13.9"
UV_SERIES = "0.13."
UV_WHEELS = {
    "x86_64": (
        "uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    ),
    "aarch64": (
        "uv-0.13.9-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
        "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    ),
}
WHEEL_BYTES_MAX = 200 * 1024 * 1024


def main() -> None:
    """Install what is missing; say one sentence and the remedy when that cannot be done."""
    if sys.version_info < PYTHON_MIN:
        _give_up(
            f"Solstice needs Python 3.11 or later, and this is {platform.python_version()}.",
            "install a newer Python and run `make up PYTHON=/path/to/python3`.",
        )
    wants_dev = "--dev" in sys.argv[1:]
    if _is_installed(wants_dev=wants_dev):
        return
    try:
        (ROOT / "build").mkdir(exist_ok=True)
        with (ROOT / "build" / "bootstrap.lock").open("w") as lock:
            # Two makes at once: the second waits, then finds everything done.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is_installed(wants_dev=wants_dev):
                _install(wants_dev=wants_dev)
    except OSError as error:
        _give_up(
            f"{error.filename or ROOT} cannot be written: {error.strerror or error}.",
            "free some space or make the checkout writable for this user.",
        )


def _is_installed(*, wants_dev: bool) -> bool:
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return False
    fits = stamp.get("digest") == _digest() and (VENV / "bin" / "solstice").exists()
    return fits and (stamp.get("dev", False) or not wants_dev)


def _digest() -> str:
    """Identify everything that decides what belongs into .venv, the checkout's place included."""
    parts = [platform.python_version().encode(), str(ROOT).encode()]
    parts += [(ROOT / name).read_bytes() for name in ("uv.lock", "pyproject.toml")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _install(*, wants_dev: bool) -> None:
    print("Installing dependencies into .venv (the first time only) …", flush=True)
    uv = find_uv()
    # `--inexact`: `make up` must not remove the tools that `make test` installed.
    extra = ["--dev"] if wants_dev else ["--no-dev", "--inexact"]
    command = [uv, "sync", "--frozen", "--quiet", *extra]
    environment = {
        **{name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_PROJECT_ENVIRONMENT": str(VENV),
    }
    if not _venv_works():
        shutil.rmtree(VENV, ignore_errors=True)
    # Which interpreter: an existing environment keeps its own.
    if not VENV.exists():
        command += ["--python", sys.executable]
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
        _give_up(
            "The dependencies could not be installed; uv says why above.",
            "check the network (a mirror: UV_DEFAULT_INDEX) and the free space, and repeat.",
        )
    had_dev = _is_installed(wants_dev=True)
    STAMP.write_text(json.dumps({"digest": _digest(), "dev": wants_dev or had_dev}))


def _venv_works() -> bool:
    """Whether .venv's interpreter still starts: a removed or moved Python leaves a shell."""
    python = VENV / "bin" / "python"
    try:
        return subprocess.run([python, "-c", ""], check=False).returncode == 0
    except OSError:
        return False


def find_uv() -> str:
    """Return a uv of our series, fetching one if need be."""
    found = shutil.which("uv")
    if found and _uv_version(found).startswith(UV_SERIES):
        return found
    own = TOOLS / "bin" / "uv"
    if own.exists() and _uv_version(str(own)).startswith(UV_SERIES):
        return str(own)
    shutil.rmtree(TOOLS, ignore_errors=True)
    for fetch in (_fetch_by_venv, _fetch_by_pip, _fetch_wheel):
        if fetch() and own.exists():
            return str(own)
    _give_up(
        "uv, the installer, could not be obtained.",
        f"check the network (a mirror: PIP_INDEX_URL), or install uv {UV_VERSION} yourself.",
    )
    return ""


def _uv_version(program: str) -> str:
    try:
        outcome = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return outcome.stdout.replace("uv ", "", 1).strip()


def _fetch_by_venv() -> bool:
    venv = [sys.executable, "-m", "venv", str(TOOLS)]
    install = [str(TOOLS / "bin" / "python"), "-m", "pip", "install", "--quiet", _requirement()]
    return _succeeds(venv) and _succeeds(install)


def _fetch_by_pip() -> bool:
    shutil.rmtree(TOOLS, ignore_errors=True)
    target = ["--quiet", "--target", str(TOOLS), _requirement()]
    return _succeeds([sys.executable, "-m", "pip", "install", *target])


def _fetch_wheel() -> bool:
    """Fetch the wheel from the index ourselves; only the pinned bytes are accepted."""
    if platform.machine() not in UV_WHEELS:
        return False
    name, digest = UV_WHEELS[platform.machine()]
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
    try:
        page = _download(index + "/uv/").decode(errors="replace")
        link = re.search(rf'href="([^"]*{re.escape(name)}[^"]*)"', page)
        if not link:
            return False
        wheel = _download(urljoin(index + "/uv/", link[1]))
    except (OSError, ValueError):
        return False
    if hashlib.sha256(wheel).hexdigest() != digest:
        return False
    return _unpack(wheel)


def _download(address: str) -> bytes:
    if not address.startswith("https://"):
        raise ValueError("only https is trusted here")
    with urllib.request.urlopen(address, timeout=60) as response:  # noqa: S310  checked above
        return response.read(WHEEL_BYTES_MAX)


def _unpack(wheel: bytes) -> bool:
    """Take the one program out of the wheel."""
    file = TOOLS / "uv.whl"
    TOOLS.mkdir(parents=True, exist_ok=True)
    file.write_bytes(wheel)
    own = TOOLS / "bin" / "uv"
    own.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(file) as archive:
        member = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        own.write_bytes(archive.read(member))
    file.unlink()
    own.chmod(0o755)
    return True


def _requirement() -> str:
    return "uv==" + UV_VERSION


def _succeeds(command: "list[str]") -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _give_up(sentence: str, remedy: str) -> None:
    sys.stderr.write(f"solstice: {sentence}\n  remedy: {remedy}\n")
    raise SystemExit(2)


if __name__ == "__main__":
    main()
