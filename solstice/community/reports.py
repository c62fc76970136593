"""Reports: somebody says that a video, a comment or an account breaks the rules.

Reports about the same thing meet in one open case; who reports the same thing twice has
reported it once.  Only what the reporter can see can be reported, so a report tells nobody
whether something hidden exists.
"""

from uuid import UUID

from solstice.accounts.account import clean_text
from solstice.accounts.errors import NotYourself
from solstice.accounts.viewer import Viewer
from solstice.community import report_queries as queries
from solstice.community.case import WORDS_CHARS_MAX, Reason, Report, Subject, SubjectKind
from solstice.community.case_queries import upsert_open_case
from solstice.community.comment_queries import find_reachable
from solstice.community.errors import KeyUsed, SubjectNotFound, TooManyReports
from solstice.community.settings import CommunitySettings
from solstice.kit.database import Connection
from solstice.kit.ids import new_id
from solstice.videos import require_visible
from solstice.videos.errors import VideoNotVisible

HOUR_S = 3600


async def report(
    conn: Connection,
    viewer: Viewer,
    settings: CommunitySettings,
    *,
    report_id: UUID,
    subject_kind: SubjectKind,
    subject_id: UUID,
    reason: Reason,
    note: str,
) -> Report:
    """Report something; the same id again, or the same thing again, is the first report.

    Errors: SubjectNotFound (404), NotYourself (400), TooManyReports (429), KeyUsed (409).
    """
    said = await queries.find_report(conn, report_id=report_id)
    if said is not None:
        if (said.reporter_id, said.subject_kind, said.subject_id) != (
            viewer.id,
            subject_kind,
            subject_id,
        ):
            raise KeyUsed
        return _render(said)
    subject = await _require_subject(conn, viewer, kind=subject_kind, subject_id=subject_id)
    if subject.account_id == viewer.id:
        raise NotYourself
    await _require_pace(conn, viewer.id, settings)
    case_id = await upsert_open_case(conn, case_id=new_id(), subject=subject)
    await queries.insert_report(
        conn,
        report_id=report_id,
        case_id=case_id,
        reporter_id=viewer.id,
        reason=reason,
        note=clean_text(note, keep_lines=True)[:WORDS_CHARS_MAX],
    )
    said = await queries.find_report_in_case(conn, case_id=case_id, reporter_id=viewer.id)
    if said is None:  # the key was used meanwhile, by somebody else
        raise KeyUsed
    return _render(said)


async def _require_pace(conn: Connection, reporter_id: UUID, settings: CommunitySettings) -> None:
    recent = await queries.count_recent_reports(
        conn, reporter_id=reporter_id, seconds=HOUR_S, limit=settings.reports_per_hour_max
    )
    if recent >= settings.reports_per_hour_max:
        raise TooManyReports


async def _require_subject(
    conn: Connection, viewer: Viewer, *, kind: SubjectKind, subject_id: UUID
) -> Subject:
    """Return what is reported, as it is now, if the reporter can see it."""
    if kind == "video":
        return await _require_video(conn, viewer, subject_id)
    if kind == "comment":
        comment = await find_reachable(conn, comment_id=subject_id, viewer_id=viewer.id)
        if comment is None:
            raise SubjectNotFound
        return Subject(
            kind="comment",
            id=comment.id,
            account_id=comment.author_id,
            video_id=comment.video_id,
            excerpt=comment.text,
        )
    if not await queries.is_account_met(conn, account_id=subject_id, viewer_id=viewer.id):
        raise SubjectNotFound
    words = await queries.find_account_words(conn, account_id=subject_id)
    return Subject(
        kind="account", id=subject_id, account_id=subject_id, video_id=None, excerpt=words
    )


async def _require_video(conn: Connection, viewer: Viewer, video_id: UUID) -> Subject:
    try:
        video = await require_visible(conn, viewer.id, video_id)
    except VideoNotVisible as error:
        raise SubjectNotFound from error
    return Subject(
        kind="video",
        id=video.id,
        account_id=video.creator_id,
        video_id=video.id,
        excerpt=video.caption,
    )


def _render(row: queries.ReportRow) -> Report:
    return Report(id=row.id, reason=row.reason, note=row.note, created_at=row.created_at)
