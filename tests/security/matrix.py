"""Who may do what: `matrix.txt` has a line for each route and thing, a column for each caller.

The caller in the last column owns the thing; `blocked` was blocked by the owner.  A line is tried
from left to right, so the owner's success at the end shows that nobody before took it away.
401: log in first; 403: known, and not allowed; 404: absent or not shown, the same answer; 409: a
colleague was faster; 415, 400: allowed to ask, and this was nonsense on purpose.

Moderators see what is public and what is reported, not what somebody keeps to themselves.
Embeds are for other sites, where no cookie travels: they show what anybody may see.

A route that is not there fails `test_every_route_is_in_the_table`.
"""

from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("matrix.txt")

EXEMPT = {
    ("DELETE", "/v1/sessions/current"): "ends the caller's own session: tests/accounts",
    ("GET", "/static/{build}/{path}"): "the same files for everybody: tests/web",
    ("GET", "/openapi.json/{path}"): "the framework's other addresses of the same document",
    ("GET", "/openapi.json/openapi.json"): "the same",
}
"""Routes that are not tried here, and why."""


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    method: str
    path: str
    thing: str
    body: str
    expected: tuple[int, ...]

    @property
    def name(self) -> str:
        """Name the line in the test's report."""
        return f"{self.method} {self.path} {self.thing} {self.body}".replace(" -", "")


def lines() -> list[Line]:
    """Read the table."""
    found = []
    for row in TABLE.read_text().splitlines():
        words = row.split()
        if words and not row.startswith("#"):
            method, path, thing, body, *expected = words
            found.append(Line(method, path, thing, body, tuple(map(int, expected))))
    return found
