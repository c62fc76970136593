"""Folding: what viewers did lately joins what was known of them; the same for videos.

`feed_history` keeps rows for a minute, so that every server has read them by then; a server
away for longer reads its viewers anew.  Rows leave in the transaction that adds them, so a fold
that dies or runs twice neither loses nor repeats one.
"""

from itertools import groupby

import numpy as np

from solstice.feed import queries
from solstice.feed.queries import HistoryRow
from solstice.feed.records import append_records, append_seen, seen_in, unpack
from solstice.kit.database import Connection

ROWS_MAX = 2000
"""A round folds at most so many rows: about 100 ms."""


async def fold_history(conn: Connection, *, older_than_s: float) -> int:
    """Fold the oldest rows of history; tells how many there were."""
    rows = await queries.take_history(conn, older_than_s=older_than_s, rows_max=ROWS_MAX)
    by_viewer = {
        account_id: b"".join(row.records for row in group)
        for account_id, group in groupby(rows, key=lambda row: row.account_id)
    }
    known = {row.account_id: row for row in await queries.list_viewers(conn, ids=list(by_viewer))}
    folded = []
    for account_id, tail in by_viewer.items():
        row = known.get(account_id, HistoryRow(account_id, b"", b""))
        fresh = unpack(tail)
        seen = append_seen(np.frombuffer(row.seen, dtype="<u4"), seen_in(fresh))
        records = append_records(unpack(row.records), fresh)
        folded.append(HistoryRow(account_id, records.tobytes(), seen.astype("<u4").tobytes()))
    await queries.keep_viewers(conn, viewers=folded)
    return len(rows)


async def fold_tallies(conn: Connection) -> None:
    """Add waiting tallies to the scores of their videos."""
    await queries.fold_tallies(conn, rows_max=20_000)
