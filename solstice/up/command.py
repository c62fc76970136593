"""Bring everything up and keep it so; or take it down, from another terminal or after a crash.

When the supervisor is killed, its children go on serving.  The next `up` takes the lock, ends
what carries this state directory's mark, and starts anew (decision 0002).
"""

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path

from rich.console import Console

from solstice.doctor import require_able_machine
from solstice.edge.publish import publish
from solstice.edge.topology import BadTopology
from solstice.kit.leftovers import end_leftovers
from solstice.kit.postgres import LocalPostgres
from solstice.kit.remedies import OperatorError, explain_os_error
from solstice.up.lock import find_lock_holder, hold_lock
from solstice.up.plan import Plan, explain_bad_topology, require_free_ports, require_topology
from solstice.up.supervision import Supervision

DOWN_PATIENCE_S = 45.0


def run_up(plan: Plan) -> None:
    """Bring everything up and keep it up until SIGINT, SIGTERM or SIGHUP.

    Errors: OperatorError for whatever the operator has to mend.
    """
    started = time.monotonic()
    require_able_machine(plan.state_dir)
    console = Console(highlight=False)
    with hold_lock(plan.state_dir):
        topology = require_topology(plan)
        if ended := end_leftovers(state_dir=plan.state_dir):
            console.print(f"[yellow]ended what an earlier start left behind: {', '.join(ended)}")
        if plan.postgres and plan.postgres.data_dir.exists():
            plan.postgres.end_leftovers()
        require_free_ports(plan, topology)
        try:
            publish(topology, directory=plan.edge_dir)
        except OSError as error:
            raise explain_os_error(error, path=plan.edge_dir) from error
        except BadTopology as error:
            raise explain_bad_topology(error) from error
        asyncio.run(Supervision(plan, console=console, started=started).run())


def run_down(state_dir: Path, *, postgres: LocalPostgres) -> list[str]:
    """Stop a running `up` of this state directory, or end what a killed one left behind.

    Errors: OperatorError when the supervisor does not end in time.
    """
    if (pid := find_lock_holder(state_dir)) is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + DOWN_PATIENCE_S
        while find_lock_holder(state_dir) is not None:
            if time.monotonic() > deadline:
                raise OperatorError(
                    f"Process {pid} does not stop.",
                    remedy=f"End it with `kill -9 {pid}` and run `solstice down` again.",
                )
            time.sleep(0.05)
    ended = end_leftovers(state_dir=state_dir)
    if postgres.data_dir.exists() and postgres.list_pids():
        postgres.stop()
        ended.append("postgres")
    return ended
