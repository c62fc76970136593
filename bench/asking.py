"""What every bench understands: `--short`, for seeing that it works rather than for figures.

A short run keeps the shape of the long one (same servers, same statements, same table) with less
data and fewer rounds.  Its figures are noise; what was asked for by name is kept as it is.
"""

import argparse


def parse(parser: argparse.ArgumentParser, **short: float) -> argparse.Namespace:
    """Parse the command line; with `--short`, these values stand in for the defaults."""
    parser.add_argument("--short", action="store_true", help="see that it works, in a minute")
    if parser.parse_args().short:
        parser.set_defaults(**short)
    return parser.parse_args()
