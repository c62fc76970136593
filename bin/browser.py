"""Make sure there is a Chromium for the browser tests: the system's, Debian's, or Playwright's.

Prints where it is.  Where none can be had the browser tests fail with a remedy; they are
never skipped in silence, and neither does this script make `make test` stop before them.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def main() -> None:
    """Find a browser, or install one without asking for more rights than we have."""
    for obtain in (find_system_browser, install_debian_browser, install_playwright_browser):
        if place := obtain():
            print(f"browser: {place}")
            return
    print(
        "browser: none; the browser tests will fail.\n"
        "  remedy: install Chromium (Debian: apt install chromium) and repeat.",
        file=sys.stderr,
    )


def find_system_browser() -> str | None:
    """Return a Chromium on the PATH."""
    return next((place for name in NAMES if (place := shutil.which(name))), None)


def install_debian_browser() -> str | None:
    """Install Debian's package when we are root on a system with apt."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
    ):
        subprocess.run(
            command,
            env=environment,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=600,
        )
    return find_system_browser()


def install_playwright_browser() -> str | None:
    """Let Playwright download its own build into the user's cache."""
    command = [sys.executable, "-m", "playwright", "install", "chromium-headless-shell"]
    outcome = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, timeout=600)
    return "Playwright's own" if outcome.returncode == 0 else None


if __name__ == "__main__":
    main()
