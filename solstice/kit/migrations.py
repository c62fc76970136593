"""Schema changes: numbered SQL files, each applied once, in order, in one transaction.

Two processes may start together: an advisory lock lets one work while the other waits.  The
text of an applied file is remembered by its hash, so an edited migration is noticed.
"""

import hashlib
from importlib.metadata import version
from pathlib import Path

import psycopg
from procrastinate.schema import SchemaManager

FOLDER = Path(__file__).resolve().parents[2] / "migrations"
_LOCK = 0x501571CE


class MigrationChanged(RuntimeError):
    """A migration that was applied before has been edited since."""


def migrate(dsn: str, *, folder: Path = FOLDER) -> list[str]:
    """Bring the database up to date; returns the names applied now."""
    with psycopg.connect(dsn, connect_timeout=10) as conn:
        conn.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        conn.execute(
            """
            CREATE TABLE IF NOT EXISTS migrations (
                name text PRIMARY KEY,
                sha256 text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )
            """
        )
        known: dict[str, str] = dict(conn.execute("SELECT name, sha256 FROM migrations").fetchall())
        applied = []
        for name, text in _texts(folder):
            digest = hashlib.sha256(text.encode()).hexdigest()
            if name in known:
                if known[name] != digest:
                    raise MigrationChanged(f"{name} was edited after it was applied")
                continue
            conn.execute(text)  # the project's own file
            conn.execute("INSERT INTO migrations (name, sha256) VALUES (%s, %s)", [name, digest])
            applied.append(name)
        return applied


def _texts(folder: Path) -> list[tuple[str, str]]:
    """List the queue's own schema first, then our files by number."""
    queue = (f"0000_procrastinate_{version('procrastinate')}", SchemaManager.get_schema())
    return [queue, *((p.name, p.read_text()) for p in sorted(folder.glob("[0-9]*.sql")))]
