"""SQL of cases: what was reported and decided, the log of it, and appeals against it."""

from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from solstice.community.case import (
    Appeal,
    AppealAction,
    CaseState,
    LogAction,
    LogEntry,
    Queue,
    Reason,
    Sanction,
    Subject,
    SubjectKind,
)
from solstice.kit.database import Connection, ReadConnection, only_row

AnyConnection = Connection | ReadConnection

_LOG: LiteralString = """
    SELECT id, at, actor_name, action, subject_kind, subject_id, case_id, reason
    FROM moderation_log
    WHERE
"""
_STATE: LiteralString = "id, subject_kind, subject_id, account_id, video_id, state, sanction"


class CaseRow(NamedTuple):
    """A case in the queue."""

    id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    video_id: UUID | None
    thumb_object: str | None
    excerpt: str
    account_id: UUID
    account_name: str
    account_display_name: str
    account_avatar_object: str | None
    state: str
    sanction: Sanction
    opened_at: datetime
    decided_at: datetime | None
    report_count: int
    reasons: list[Reason]
    is_appealed: bool


class OwnCaseRow(NamedTuple):
    """A decision against something of one's own."""

    case_id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    video_id: UUID | None
    excerpt: str
    action: Sanction
    reason: str
    decided_at: datetime
    sanction: Sanction
    appeal_text: str | None
    appeal_created_at: datetime | None
    appeal_outcome: AppealAction | None
    appeal_decided_at: datetime | None


async def upsert_open_case(conn: Connection, *, case_id: UUID, subject: Subject) -> UUID:
    """Open a case, or return the one that is open; locks it."""
    cursor = await conn.execute(
        """
        INSERT INTO cases AS c (id, subject_kind, subject_id, account_id, video_id, excerpt)
        VALUES (%(id)s, %(kind)s, %(subject_id)s, %(account_id)s, %(video_id)s, %(excerpt)s)
        ON CONFLICT (subject_kind, subject_id) WHERE state = 'open'
            DO UPDATE SET account_id = c.account_id
        RETURNING c.id
        """,
        {
            "id": case_id,
            "kind": subject.kind,
            "subject_id": subject.id,
            "account_id": subject.account_id,
            "video_id": subject.video_id,
            "excerpt": subject.excerpt,
        },
    )
    case: UUID = only_row(await cursor.fetchone())[0]
    return case


async def lock_case(conn: Connection, *, case_id: UUID) -> CaseState | None:
    """Find a case and keep others from deciding it meanwhile."""
    async with conn.cursor(row_factory=class_row(CaseState)) as cursor:
        await cursor.execute(
            "SELECT " + _STATE + " FROM cases WHERE id = %(case_id)s FOR UPDATE",
            {"case_id": case_id},
        )
        return await cursor.fetchone()


async def update_decided(conn: Connection, *, case_id: UUID, sanction: Sanction) -> None:
    """Decide a case; the instant of the first decision stays."""
    await conn.execute(
        """
        UPDATE cases
        SET state = 'decided', decided_at = coalesce(decided_at, now()), sanction = %(sanction)s
        WHERE id = %(case_id)s
        """,
        {"case_id": case_id, "sanction": sanction},
    )


async def append_log(
    conn: Connection,
    *,
    entry_id: UUID,
    actor_id: UUID,
    actor_name: str,
    action: LogAction,
    case: CaseState,
    reason: str,
) -> None:
    """Write a line into the log."""
    await conn.execute(
        """
        INSERT INTO moderation_log (id, actor_id, actor_name, action, subject_kind, subject_id,
            account_id, case_id, reason)
        VALUES (%(id)s, %(actor_id)s, %(actor_name)s, %(action)s, %(subject_kind)s,
            %(subject_id)s, %(account_id)s, %(case_id)s, %(reason)s)
        """,
        {
            "id": entry_id,
            "actor_id": actor_id,
            "actor_name": actor_name,
            "action": action,
            "subject_kind": case.subject_kind,
            "subject_id": case.subject_id,
            "account_id": case.account_id,
            "case_id": case.id,
            "reason": reason,
        },
    )


async def is_last_entry(
    conn: Connection, *, case_id: UUID, actor_id: UUID, action: LogAction, reason: str
) -> bool:
    """Tell whether exactly this is the last thing that was done in a case."""
    cursor = await conn.execute(
        """
        SELECT coalesce((
            SELECT actor_id = %(actor_id)s AND action = %(action)s AND reason = %(reason)s
            FROM moderation_log WHERE case_id = %(case_id)s ORDER BY id DESC LIMIT 1
        ), false)
        """,
        {"case_id": case_id, "actor_id": actor_id, "action": action, "reason": reason},
    )
    return bool(only_row(await cursor.fetchone())[0])


async def list_log(conn: AnyConnection, *, before: UUID | None, limit: int) -> list[LogEntry]:
    """List the log, the newest first."""
    return await _list_log(
        conn,
        "%(before)s::uuid IS NULL OR id < %(before)s",
        {"before": before, "limit": limit},
    )


async def list_history(
    conn: AnyConnection, *, subject_kind: SubjectKind, subject_id: UUID, limit: int
) -> list[LogEntry]:
    """List what was ever decided about something, the newest first."""
    return await _list_log(
        conn,
        "subject_kind = %(subject_kind)s AND subject_id = %(subject_id)s",
        {"subject_kind": subject_kind, "subject_id": subject_id, "limit": limit},
    )


async def _list_log(
    conn: AnyConnection, condition: LiteralString, parameters: dict[str, Any]
) -> list[LogEntry]:
    async with conn.cursor(row_factory=class_row(LogEntry)) as cursor:
        await cursor.execute(_LOG + condition + " ORDER BY id DESC LIMIT %(limit)s", parameters)
        return await cursor.fetchall()


async def find_last_decider(conn: Connection, *, case_id: UUID) -> UUID | None:
    """Find who imposed what is in force in a case."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            """
            SELECT actor_id FROM moderation_log
            WHERE case_id = %(case_id)s
                AND action IN ('hide_video', 'remove_comment', 'hide_account')
            ORDER BY id DESC LIMIT 1
            """,
            {"case_id": case_id},
        )
        return await cursor.fetchone()


async def has_other_moderator(conn: Connection, *, except_ids: list[UUID]) -> bool:
    """Tell whether there is another moderator than these."""
    cursor = await conn.execute(
        """
        SELECT EXISTS (
            SELECT FROM accounts
            WHERE role IN ('moderator', 'administrator') AND id <> ALL (%(except_ids)s)
                AND hidden_at IS NULL AND deletion_due_at IS NULL
        )
        """,
        {"except_ids": except_ids},
    )
    return bool(only_row(await cursor.fetchone())[0])


_CASE: LiteralString = """
    SELECT c.id, c.subject_kind, c.subject_id, c.video_id, v.thumb_object, c.excerpt,
        c.account_id, a.name AS account_name, a.display_name AS account_display_name,
        a.avatar_object AS account_avatar_object, c.state, c.sanction, c.opened_at, c.decided_at,
        told.report_count, told.reasons,
        EXISTS (
            SELECT FROM appeals p WHERE p.case_id = c.id AND p.outcome IS NULL
        ) AS is_appealed
    FROM cases c
    JOIN accounts a ON a.id = c.account_id
    LEFT JOIN videos v ON v.id = c.video_id AND v.deleted_at IS NULL
    CROSS JOIN LATERAL (
        SELECT count(*) AS report_count,
            coalesce(array_agg(DISTINCT r.reason), '{}') AS reasons
        FROM reports r WHERE r.case_id = c.id
    ) told
    WHERE
"""
_QUEUES: dict[Queue, LiteralString] = {
    "open": "c.state = 'open' AND (%(last)s::uuid IS NULL OR c.id > %(last)s) ORDER BY c.id",
    "appealed": """
        EXISTS (SELECT FROM appeals p WHERE p.case_id = c.id AND p.outcome IS NULL)
        AND (%(last)s::uuid IS NULL OR c.id > %(last)s) ORDER BY c.id
    """,
    "decided": """
        c.state = 'decided' AND (%(last)s::uuid IS NULL OR c.id < %(last)s) ORDER BY c.id DESC
    """,
}


async def list_cases(
    conn: AnyConnection, *, queue: Queue, last: UUID | None, limit: int
) -> list[CaseRow]:
    """List a queue: what waits longest first, or what was decided last first."""
    async with conn.cursor(row_factory=class_row(CaseRow)) as cursor:
        await cursor.execute(
            _CASE + _QUEUES[queue] + " LIMIT %(limit)s", {"last": last, "limit": limit}
        )
        return await cursor.fetchall()


async def find_case(conn: AnyConnection, *, case_id: UUID) -> CaseRow | None:
    """Find a case as the queue shows it."""
    async with conn.cursor(row_factory=class_row(CaseRow)) as cursor:
        await cursor.execute(_CASE + "c.id = %(case_id)s", {"case_id": case_id})
        return await cursor.fetchone()


async def list_own_cases(conn: AnyConnection, *, account_id: UUID, limit: int) -> list[OwnCaseRow]:
    """List what was decided against an account, the newest first."""
    async with conn.cursor(row_factory=class_row(OwnCaseRow)) as cursor:
        await cursor.execute(
            """
            SELECT c.id AS case_id, c.subject_kind, c.subject_id, c.video_id, c.excerpt,
                l.action, l.reason, l.at AS decided_at, c.sanction,
                p.text AS appeal_text, p.created_at AS appeal_created_at,
                p.outcome AS appeal_outcome, p.decided_at AS appeal_decided_at
            FROM cases c
            CROSS JOIN LATERAL (
                SELECT m.action, m.reason, m.at FROM moderation_log m
                WHERE m.case_id = c.id
                    AND m.action IN ('hide_video', 'remove_comment', 'hide_account')
                ORDER BY m.id DESC LIMIT 1
            ) l
            LEFT JOIN appeals p ON p.case_id = c.id
            WHERE c.account_id = %(account_id)s AND c.state = 'decided'
            ORDER BY c.id DESC LIMIT %(limit)s
            """,
            {"account_id": account_id, "limit": limit},
        )
        return await cursor.fetchall()


async def insert_appeal(conn: Connection, *, case_id: UUID, account_id: UUID, text: str) -> bool:
    """Insert the appeal; False when there is one already."""
    cursor = await conn.execute(
        """
        INSERT INTO appeals (case_id, account_id, text)
        VALUES (%(case_id)s, %(account_id)s, %(text)s) ON CONFLICT DO NOTHING
        """,
        {"case_id": case_id, "account_id": account_id, "text": text},
    )
    return cursor.rowcount == 1


async def find_appeal(conn: AnyConnection, *, case_id: UUID) -> Appeal | None:
    """Find the appeal of a case."""
    async with conn.cursor(row_factory=class_row(Appeal)) as cursor:
        await cursor.execute(
            """
            SELECT text, created_at, outcome, decided_at FROM appeals
            WHERE case_id = %(case_id)s
            """,
            {"case_id": case_id},
        )
        return await cursor.fetchone()


async def update_appeal_decided(conn: Connection, *, case_id: UUID, outcome: AppealAction) -> bool:
    """Decide the appeal that waits; False when none does."""
    cursor = await conn.execute(
        """
        UPDATE appeals SET outcome = %(outcome)s, decided_at = now()
        WHERE case_id = %(case_id)s AND outcome IS NULL
        """,
        {"case_id": case_id, "outcome": outcome},
    )
    return cursor.rowcount == 1
