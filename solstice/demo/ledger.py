"""What a demo needs to remember so that a second run adds nothing twice.

One file, readable by its owner only: it holds the passwords of the demo's people, for the
newcomer who wants to log in as one of them.  All ids the demo makes are derived from its one
random seed, so they are the same in every run against the same instance.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from solstice.kit.remedies import OperatorError

FILE_NAME = "demo-accounts.json"


@dataclass
class Ledger:
    """Passwords by name, and what was done already."""

    path: Path
    seed: str
    passwords: dict[str, str]
    signed_up: list[str] = field(default_factory=list)
    watched: list[str] = field(default_factory=list)

    def key(self, *parts: str) -> str:
        """Return the id of one thing this demo makes, the same every time."""
        return str(uuid5(NAMESPACE_URL, "/".join((self.seed, *parts))))

    def save(self) -> None:
        """Write the file whole or not at all; only its owner may read it."""
        fresh = self.path.with_suffix(".tmp")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        values = asdict(self)
        del values["path"]
        with os.fdopen(descriptor, "w") as file:
            json.dump(values, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)


def open_ledger(state_dir: Path, names: list[str]) -> Ledger:
    """Read the ledger of this state directory, or begin one with new passwords.

    Errors: `OperatorError` when the file is there but cannot be understood.
    """
    path = state_dir / FILE_NAME
    state_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        ledger = Ledger(path, secrets.token_hex(16), {})
    else:
        try:
            ledger = Ledger(path, **json.loads(path.read_text()))
        except (ValueError, TypeError) as error:
            raise OperatorError(
                f"{path} is damaged.", remedy="Move it away, and run the demo on a new instance."
            ) from error
    missing = [name for name in names if name not in ledger.passwords]
    ledger.passwords |= {name: secrets.token_urlsafe(9) for name in missing}
    if missing:
        ledger.save()
    return ledger
