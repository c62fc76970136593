"""`solstice up`: one data center on one machine, in the foreground, from one command.

What it will run is the `Plan`; which processes that makes is in `roster`; `supervision` starts
them, keeps them and stops them; `lock` sees to it that there is one supervisor only.

This package imports no feature and no web framework: a supervisor that needs 100 MB, or that
breaks with the product, would not be worth its name.  It reads its own settings; `solstice
migrate`, its first child, reads all of them and reports what is wrong.
"""

from solstice.up.command import run_down, run_up
from solstice.up.plan import Plan, explicit_environment, require_free_ports, require_topology

__all__ = [
    "Plan",
    "explicit_environment",
    "require_free_ports",
    "require_topology",
    "run_down",
    "run_up",
]
