"""One table for every figure: target, what was measured, and this machine's own yardstick.

A bare figure says little about another machine.  The yardstick is the simplest thing that
does the same work (a bare endpoint, the plain ffmpeg command), measured in the same run.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table; `met` is None where no target was set."""

    name: str
    target: str
    measured: str
    met: bool | None
    yardstick: str = ""
    ratio: float | None = None


def print_figures(title: str, figures: Sequence[Figure]) -> bool:
    """Print the table; return whether every target was met."""
    table = Table(title=title, title_justify="left")
    for column in ("figure", "target", "measured", "yardstick", "ratio", "verdict"):
        table.add_column(column, justify="right" if column in {"measured", "ratio"} else "left")
    for figure in figures:
        table.add_row(
            figure.name,
            figure.target,
            figure.measured,
            figure.yardstick,
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            {True: "[green]met[/]", False: "[red]missed[/]", None: "-"}[figure.met],
        )
    Console(width=120).print(table)
    return all(figure.met is not False for figure in figures)
