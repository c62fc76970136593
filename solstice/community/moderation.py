"""Moderation: a queue of cases, decisions with a reason, and a log nobody can rewrite.

A decision, what it does, its line in the log and whom it tells are one transaction.  Nobody
decides about themselves.  Whoever is hit is told and can appeal once (`appeals.py`); whoever
reported is told what became of it.  Moderators stay unnamed to both, and named in the log.
"""

from datetime import datetime
from uuid import UUID

from solstice.accounts.moderation import hide_account, show_account
from solstice.accounts.summary import render_summary
from solstice.accounts.viewer import Viewer
from solstice.community import case_queries as queries
from solstice.community import comments
from solstice.community.case import (
    TOLD_ACCOUNT,
    TOLD_REPORTER,
    Action,
    Case,
    CasePage,
    CaseState,
    CaseSubject,
    CaseSummary,
    LogPage,
    Queue,
    Report,
    Subject,
    decide_sanction,
    require_fitting,
    require_reasoning,
)
from solstice.community.comment import decide_remover
from solstice.community.comment_queries import find_state, mark_restored
from solstice.community.counts import list_counts
from solstice.community.errors import CaseNotFound
from solstice.community.notice import Notice
from solstice.community.notifications import tell
from solstice.community.report_queries import ReportRow, list_reporter_ids, list_reports
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.ids import new_id
from solstice.kit.media import render_media_url
from solstice.kit.paging import parse_cursor, render_cursor
from solstice.videos import hide_video, list_cards, show_video

PAGE = 30
REPORTS_SHOWN_MAX = 100
REPORTERS_TOLD_MAX = 10_000
REMOVED_IN_PLACE = "Removed in place by a moderator."


async def decide(
    conn: Connection,
    moderator: Viewer,
    *,
    case_id: UUID,
    action: Action,
    reason: str,
    at: datetime,
) -> None:
    """Decide a case, or restore what an earlier decision took away; a retry changes nothing.

    Errors: CaseNotFound (404), NotInOwnCase (403), ActionDoesNotFit and WordsMissing (400),
    CaseDecided and NothingToRestore (409).
    """
    words = require_reasoning(reason)
    case = await queries.lock_case(conn, case_id=case_id)
    if case is None:
        raise CaseNotFound
    if await queries.is_last_entry(
        conn, case_id=case.id, actor_id=moderator.id, action=action, reason=words
    ):
        return
    require_fitting(case, action, moderator_id=moderator.id)
    if action == "restore":
        await take_back(conn, case, at=at)
    else:
        await _impose(conn, case, action, at=at)
    await queries.update_decided(conn, case_id=case.id, sanction=decide_sanction(action))
    entry_id = new_id()
    await queries.append_log(
        conn,
        entry_id=entry_id,
        actor_id=moderator.id,
        actor_name=moderator.name,
        action=action,
        case=case,
        reason=words,
    )
    await _tell(conn, case, action, entry_id=entry_id, reason=words)


async def _impose(conn: Connection, case: CaseState, action: Action, *, at: datetime) -> None:
    if action == "hide_video":
        await hide_video(conn, case.subject_id)
    elif action == "remove_comment":
        await comments.take_away(conn, comment_id=case.subject_id, removed_by="moderator")
    elif action == "hide_account":
        await hide_account(conn, account_id=case.account_id, at=at)


async def take_back(conn: Connection, case: CaseState, *, at: datetime) -> None:
    """Undo what is in force in a case."""
    if case.sanction == "hide_video":
        await show_video(conn, case.subject_id)
    elif case.sanction == "remove_comment":
        await mark_restored(conn, comment_id=case.subject_id)
    elif case.sanction == "hide_account":
        await show_account(conn, account_id=case.account_id, at=at)


async def _tell(
    conn: Connection, case: CaseState, action: Action, *, entry_id: UUID, reason: str
) -> None:
    """Tell whom it hits why, and the reporters what became of it."""
    if action in TOLD_ACCOUNT:
        text = f"{TOLD_ACCOUNT[action]} {reason}"
        notice = Notice(kind="moderation", group_id=entry_id, video_id=case.video_id, text=text)
        await tell(conn, case.account_id, notice)
    if action in TOLD_REPORTER:
        answer = Notice(kind="report_decided", group_id=case.id, text=TOLD_REPORTER[action])
        for reporter_id in await list_reporter_ids(conn, case_id=case.id, limit=REPORTERS_TOLD_MAX):
            await tell(conn, reporter_id, answer)


async def remove_comment(
    conn: Connection, viewer: Viewer, *, comment_id: UUID, at: datetime
) -> None:
    """Remove a comment; by a moderator it is a decision, logged and open to appeal.

    Errors: CommentNotFound (404), NotYourComment (403).
    """
    comment = await find_state(conn, comment_id=comment_id)
    if comment is None or decide_remover(comment, viewer) != "moderator":
        await comments.remove_comment(conn, viewer, comment_id=comment_id)
        return
    if comment.is_removed:
        return
    subject = Subject(
        kind="comment",
        id=comment.id,
        account_id=comment.author_id,
        video_id=comment.video_id,
        excerpt=comment.text,
    )
    case_id = await queries.upsert_open_case(conn, case_id=new_id(), subject=subject)
    await decide(
        conn, viewer, case_id=case_id, action="remove_comment", reason=REMOVED_IN_PLACE, at=at
    )


async def list_cases(conn: ReadConnection, *, queue: Queue, cursor: str | None) -> CasePage:
    """List a queue: what waits longest first, or what was decided last first.

    Errors: BadCursor (400).
    """
    last = parse_cursor(cursor, UUID)
    rows = await queries.list_cases(conn, queue=queue, last=last, limit=PAGE + 1)
    return CasePage(
        items=[_render_summary(row) for row in rows[:PAGE]],
        next_cursor=render_cursor(rows[PAGE - 1].id) if len(rows) > PAGE else None,
    )


async def read_case(conn: Connection | ReadConnection, *, case_id: UUID) -> Case:
    """Read everything about a case: what it is about, its reports and its history.

    Errors: CaseNotFound (404).
    """
    row = await queries.find_case(conn, case_id=case_id)
    if row is None:
        raise CaseNotFound
    reports = await list_reports(conn, case_id=case_id, limit=REPORTS_SHOWN_MAX)
    history = await queries.list_history(
        conn, subject_kind=row.subject_kind, subject_id=row.subject_id, limit=PAGE
    )
    return Case(
        summary=_render_summary(row),
        subject=await _read_subject(conn, row),
        reports=[_render_report(found) for found in reports],
        history=history,
        appeal=await queries.find_appeal(conn, case_id=case_id),
    )


async def _read_subject(conn: Connection | ReadConnection, row: queries.CaseRow) -> CaseSubject:
    ids = [row.video_id] if row.video_id else []
    cards = await list_cards(conn, ids, counts=await list_counts(conn, ids))
    comment = (
        await find_state(conn, comment_id=row.subject_id) if row.subject_kind == "comment" else None
    )
    return CaseSubject(
        video=cards.get(row.video_id) if row.video_id else None,
        comment_text=comment.text if comment else None,
    )


async def list_log(conn: ReadConnection, *, cursor: str | None) -> LogPage:
    """List who decided what and why, the newest first.

    Errors: BadCursor (400).
    """
    entries = await queries.list_log(conn, before=parse_cursor(cursor, UUID), limit=PAGE + 1)
    return LogPage(
        items=entries[:PAGE],
        next_cursor=render_cursor(entries[PAGE - 1].id) if len(entries) > PAGE else None,
    )


def _render_summary(row: queries.CaseRow) -> CaseSummary:
    return CaseSummary(
        id=row.id,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        video_id=row.video_id,
        thumb_url=render_media_url(row.thumb_object) if row.thumb_object else None,
        excerpt=row.excerpt,
        account=render_summary(
            account_id=row.account_id,
            name=row.account_name,
            display_name=row.account_display_name,
            avatar_object=row.account_avatar_object,
        ),
        state="open" if row.state == "open" else "decided",
        sanction=row.sanction,
        opened_at=row.opened_at,
        decided_at=row.decided_at,
        report_count=row.report_count,
        reasons=row.reasons,
        is_appealed=row.is_appealed,
    )


def _render_report(row: ReportRow) -> Report:
    return Report(
        id=row.id,
        reason=row.reason,
        note=row.note,
        created_at=row.created_at,
        reporter=render_summary(
            account_id=row.reporter_id,
            name=row.reporter_name,
            display_name=row.reporter_display_name,
            avatar_object=row.reporter_avatar_object,
        ),
    )
