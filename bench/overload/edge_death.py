"""M8: the balancer dies, stops, spins, or loses its supervisor, in a whole instance.

`solstice up` with its defaults, people with a browser's patience (2 s, three tries), and at the
fifth second the fault.  The spin is a real one: the edge's wait for events becomes a jump to
itself, at 100 % of a processor, as at Bilibili in 2021.
"""

import asyncio
import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.overload.results import Results
from bench.overload.stand import SERVER_CORE, draw, offer, on_core
from solstice.drills.faults import kill, spin
from solstice.drills.record import Record
from solstice.drills.schedule import constant
from tests.acceptance.instance import Instance, until

RATE_PER_S = 40.0
FAULT_AT_S = 5
PROMPT_S = 12
"""All but the spin are over in two seconds: what failed counts over a shorter time then."""
FAULTS = ("killed", "stopped", "spinning", "supervisor crashed")
READS = {"feed": 1.0}


async def measure(results: Results, *, runs: int, seconds: int) -> None:
    """Each fault in turn, on one instance."""
    with tempfile.TemporaryDirectory(prefix="solstice-edge-death-") as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101, S103 - nothing else runs in this loop yet
        instance = Instance(Path(folder) / "var")
        try:
            with on_core(SERVER_CORE):
                instance.start_and_wait()
            for run in range(runs):
                for fault in FAULTS:
                    looks_s = seconds if fault == "spinning" else min(seconds, PROMPT_S)
                    await _measure_one(results, instance, fault, run=run, seconds=looks_s)
        finally:
            instance.end()


async def _measure_one(
    results: Results, instance: Instance, fault: str, *, run: int, seconds: int
) -> None:
    before = set(instance.pids("edge"))
    schedule = draw(
        constant(RATE_PER_S), duration_s=FAULT_AT_S + seconds, seed=800 + run, mix=READS
    )
    running = asyncio.create_task(offer(instance.port, schedule, seed=run))
    await asyncio.sleep(FAULT_AT_S)
    await asyncio.to_thread(_break, instance, fault)
    record = (await running).record
    results.keep(record, measure=f"edge {fault}", setup="Solstice", run=run)
    failed = 1.0 - record.share_good(from_s=FAULT_AT_S, to_s=FAULT_AT_S + seconds)
    results.note(f"M8 {fault}, failed", setup="Solstice", run=run, value=failed)
    back_s = back_after_s(record, seconds=seconds)
    results.note(f"M8 {fault}, back s", setup="Solstice", run=run, value=back_s)
    if fault == "supervisor crashed":
        with on_core(SERVER_CORE):
            instance.start_and_wait()
    elif fault == "stopped":
        for pid in before & set(instance.pids("edge")):
            kill(pid)
    await asyncio.to_thread(until, instance.answers, within_s=60.0)


def _break(instance: Instance, fault: str) -> None:
    if fault == "supervisor crashed":
        instance.kill("supervisor")
        return
    strikes: dict[str, Callable[[int], None]] = {
        "killed": kill,
        "stopped": lambda pid: os.kill(pid, signal.SIGSTOP),
        "spinning": spin,
    }
    (pid,) = instance.pids("edge")
    strikes[fault](pid)


def back_after_s(record: Record, *, seconds: int) -> float:
    """Seconds from the fault to the end of the last second in which an action failed or waited."""
    last = FAULT_AT_S - 1
    for at_s in range(FAULT_AT_S, FAULT_AT_S + seconds):
        slow_ms = record.latency_ms(99, from_s=at_s, to_s=at_s + 1)
        if record.share_good(from_s=at_s, to_s=at_s + 1) < 1.0 or slow_ms > 1000:
            last = at_s
    return float(last + 1 - FAULT_AT_S)
