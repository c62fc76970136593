"""Positions in lists, as cursors carry them.

Anybody can write a cursor, so every value in it is bounded here to what the database can hold;
anything else is a `BadCursor`.
"""

from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
Rank = Annotated[float, msgspec.Meta(ge=0, le=1000)]
Tag = Annotated[str, msgspec.Meta(pattern=r"^\w{1,64}$")]
