"""What one data center costs while nobody uses it: memory (PSS) and processor time.

    python -m bench.idle [--short] [--seconds 30]

Runs an instance of its own, lets it settle, and adds up every process of it.  PSS divides
shared pages among those who share them, so the sum is what would be free without us.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.asking import parse
from bench.startup import fresh_environment, wait_for_page
from bench.table import Figure, print_figures

PSS_BYTES_MAX = 500 * 1000 * 1000
CPU_PERCENT_MAX = 3.0
SETTLE_S = 20.0
WINDOW_S = 30.0


def main() -> None:
    """Measure, and print the table and the share of each process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=WINDOW_S)
    parser.add_argument("--settle", type=float, default=SETTLE_S)
    chosen = parse(parser, seconds=3.0, settle=3.0)
    with tempfile.TemporaryDirectory(prefix="solstice-idle-") as temporary:
        environment = {**fresh_environment(Path(temporary)), "PATH": os.environ["PATH"]}
        environment["SOLSTICE_STATE_DIR"] = str(Path(temporary) / "var")
        up = subprocess.Popen(
            [sys.executable, "-P", "-m", "solstice", "up"],
            env=environment,
            stdin=subprocess.DEVNULL,
            process_group=0,
        )
        try:
            wait_for_page(f"http://127.0.0.1:{environment['SOLSTICE_EDGE_PORT']}/", up)
            time.sleep(chosen.settle)
            processes = list_processes(up.pid, Path(environment["SOLSTICE_STATE_DIR"]))
            met = report(processes, chosen.seconds)
        finally:
            up.send_signal(signal.SIGINT)
            up.wait(timeout=60)
    raise SystemExit(0 if met else 1)


def list_processes(supervisor: int, state_dir: Path) -> list[psutil.Process]:
    """List the supervisor, its descendants, and the detached edge."""
    root = psutil.Process(supervisor)
    found = {process.pid: process for process in [root, *root.children(recursive=True)]}
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(str(state_dir)):
                found[process.pid] = process
        except psutil.Error:
            continue
    return list(found.values())


def report(processes: list[psutil.Process], window_s: float) -> bool:
    """Measure over the window; print each process and the sums."""
    before = {process.pid: spent_s(process) for process in processes}
    alone_before = bare_interpreter_pss()
    time.sleep(window_s)
    rows = []
    for process in processes:
        share = 100 * (spent_s(process) - before[process.pid]) / window_s
        rows.append((process.memory_full_info().pss, share, " ".join(process.cmdline())[:80]))
    for pss, share, command in sorted(rows, reverse=True):
        print(f"{pss / 1e6:8.1f} MB {share:6.2f} %  {command}")
    pss_bytes, cpu_percent = sum(row[0] for row in rows), sum(row[1] for row in rows)
    return print_figures(
        f"Idle, everything of one data center ({len(rows)} processes, {window_s:.0f} s)",
        [
            Figure(
                name="memory (PSS)",
                target=f"≤ {PSS_BYTES_MAX / 1e6:.0f} MB",
                measured=f"{pss_bytes / 1e6:.0f} MB",
                met=pss_bytes <= PSS_BYTES_MAX,
                yardstick=f"a bare Python {alone_before / 1e6:.0f} MB",
                ratio=pss_bytes / alone_before,
            ),
            Figure(
                name="processor",
                target=f"≤ {CPU_PERCENT_MAX:.0f} % of a core",
                measured=f"{cpu_percent:.2f} %",
                met=cpu_percent <= CPU_PERCENT_MAX,
            ),
        ],
    )


def spent_s(process: psutil.Process) -> float:
    """Return the processor time of a process, its ended children's included."""
    times = process.cpu_times()
    return float(times.user + times.system)


def bare_interpreter_pss() -> int:
    """Return what an interpreter that does nothing needs on this machine."""
    command = [sys.executable, "-I", "-S", "-c", "print(flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        pss = int(psutil.Process(process.pid).memory_full_info().pss)
        process.communicate(b"\n")
    return pss


if __name__ == "__main__":
    main()
