"""A living community for a young instance: people, clips, words, follows and likes.

Whoever opens Solstice for the first time should see the product, not an empty page.  The clips
are our own, drawn and composed by code on the newcomer's machine: nothing is downloaded and
nobody's rights are touched.  Everything reaches the platform the way a person would, over HTTP;
this package refuses to know the database or any feature's code.

`run_demo` is what the command line needs.
"""

from solstice.demo.command import run_demo

__all__ = ["run_demo"]
