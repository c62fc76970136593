"""SQL of reports: who said what is wrong with what, and whether they could see it at all."""

from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from solstice.community.case import Reason, SubjectKind
from solstice.community.people_queries import MET
from solstice.kit.database import Connection, ReadConnection, only_row


class ReportRow(NamedTuple):
    """A report with its reporter."""

    id: UUID
    reason: Reason
    note: str
    created_at: datetime
    reporter_id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    reporter_name: str
    reporter_display_name: str
    reporter_avatar_object: str | None


async def is_account_met(conn: Connection, *, account_id: UUID, viewer_id: UUID) -> bool:
    """Tell whether the viewer meets this account."""
    cursor = await conn.execute(
        "SELECT FROM accounts a WHERE a.id = %(account_id)s AND " + MET,
        {"account_id": account_id, "viewer_id": viewer_id},
    )
    return cursor.rowcount == 1


async def find_account_words(conn: Connection, *, account_id: UUID) -> str:
    """Read what an account says of itself."""
    cursor = await conn.execute(
        "SELECT display_name || E'\n' || bio FROM accounts WHERE id = %(account_id)s",
        {"account_id": account_id},
    )
    row = await cursor.fetchone()
    return str(row[0]) if row else ""


async def count_recent_reports(
    conn: Connection, *, reporter_id: UUID, seconds: int, limit: int
) -> int:
    """Count somebody's reports of the last seconds, up to a limit."""
    cursor = await conn.execute(
        """
        SELECT count(*) FROM (
            SELECT FROM reports
            WHERE reporter_id = %(reporter_id)s
                AND created_at > now() - make_interval(secs => %(seconds)s)
            LIMIT %(limit)s
        ) recent
        """,
        {"reporter_id": reporter_id, "seconds": seconds, "limit": limit},
    )
    return int(only_row(await cursor.fetchone())[0])


async def insert_report(
    conn: Connection,
    *,
    report_id: UUID,
    case_id: UUID,
    reporter_id: UUID,
    reason: Reason,
    note: str,
) -> bool:
    """Insert the report; False when the id is taken or the reporter is in the case already."""
    cursor = await conn.execute(
        """
        INSERT INTO reports (id, case_id, reporter_id, reason, note)
        VALUES (%(id)s, %(case_id)s, %(reporter_id)s, %(reason)s, %(note)s)
        ON CONFLICT DO NOTHING
        """,
        {
            "id": report_id,
            "case_id": case_id,
            "reporter_id": reporter_id,
            "reason": reason,
            "note": note,
        },
    )
    return cursor.rowcount == 1


async def find_report(conn: Connection, *, report_id: UUID) -> ReportRow | None:
    """Find a report by its id."""
    return await _find_report(conn, "r.id = %(report_id)s", {"report_id": report_id})


async def find_report_in_case(
    conn: Connection, *, case_id: UUID, reporter_id: UUID
) -> ReportRow | None:
    """Find what somebody reported in a case."""
    return await _find_report(
        conn,
        "r.case_id = %(case_id)s AND r.reporter_id = %(reporter_id)s",
        {"case_id": case_id, "reporter_id": reporter_id},
    )


_REPORT: LiteralString = """
    SELECT r.id, r.reason, r.note, r.created_at, r.reporter_id, c.subject_kind, c.subject_id,
        a.name AS reporter_name, a.display_name AS reporter_display_name,
        a.avatar_object AS reporter_avatar_object
    FROM reports r
    JOIN cases c ON c.id = r.case_id
    JOIN accounts a ON a.id = r.reporter_id
    WHERE
"""


async def _find_report(
    conn: Connection, condition: LiteralString, parameters: dict[str, Any]
) -> ReportRow | None:
    async with conn.cursor(row_factory=class_row(ReportRow)) as cursor:
        await cursor.execute(_REPORT + condition, parameters)
        return await cursor.fetchone()


async def list_reports(
    conn: Connection | ReadConnection, *, case_id: UUID, limit: int
) -> list[ReportRow]:
    """List the reports of a case, the oldest first."""
    async with conn.cursor(row_factory=class_row(ReportRow)) as cursor:
        await cursor.execute(
            _REPORT + "r.case_id = %(case_id)s ORDER BY r.created_at, r.id LIMIT %(limit)s",
            {"case_id": case_id, "limit": limit},
        )
        return await cursor.fetchall()


async def list_reporter_ids(conn: Connection, *, case_id: UUID, limit: int) -> list[UUID]:
    """List who reported in a case."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            """
            SELECT reporter_id FROM reports WHERE case_id = %(case_id)s
            ORDER BY created_at LIMIT %(limit)s
            """,
            {"case_id": case_id, "limit": limit},
        )
        return await cursor.fetchall()
