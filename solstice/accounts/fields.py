"""What people type, bounded before anything looks at it.

The bounds are wider than the rules in `account.py`, so that who is a little over is told so in
words; they keep work per request small (putting a megabyte of combining marks into order takes
seconds).
"""

from typing import Annotated

from msgspec import Meta

Name = Annotated[str, Meta(max_length=100)]
Password = Annotated[str, Meta(max_length=1024)]
Email = Annotated[str, Meta(max_length=300)]
DisplayName = Annotated[str, Meta(max_length=200)]
Bio = Annotated[str, Meta(max_length=2000)]
