"""Appeals: whoever a decision hits may object once; another moderator looks at it again.

With a single moderator on the platform, that one decides: an appeal that nobody may answer
would be worse.  Nobody answers an appeal of their own.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from solstice.accounts.viewer import Viewer
from solstice.community import case_queries as queries
from solstice.community.case import (
    TOLD_APPELLANT,
    Appeal,
    AppealAction,
    CaseState,
    OwnCase,
    OwnCases,
    require_reasoning,
)
from solstice.community.errors import (
    AppealNeedsAnother,
    AppealNotOpen,
    CaseNotFound,
    NothingToAppeal,
    NotInOwnCase,
)
from solstice.community.moderation import take_back
from solstice.community.notice import Notice
from solstice.community.notifications import tell
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.ids import new_id

OWN_CASES_MAX = 100


async def appeal(conn: Connection, viewer: Viewer, *, case_id: UUID, text: str) -> Appeal:
    """Object to a decision; the same words again are the same appeal.

    Errors: CaseNotFound (404) also for other people's cases; NothingToAppeal (409) when nothing
    is in force or an appeal with other words was made; WordsMissing (400).
    """
    words = require_reasoning(text)
    case = await queries.lock_case(conn, case_id=case_id)
    if case is None or case.account_id != viewer.id:
        raise CaseNotFound
    made = await queries.find_appeal(conn, case_id=case_id)
    if made is not None and made.text == words:
        return made
    if made is not None or case.sanction == "none":
        raise NothingToAppeal
    await queries.insert_appeal(conn, case_id=case_id, account_id=viewer.id, text=words)
    await _log(conn, viewer, case, action="appeal", reason=words)
    made = await queries.find_appeal(conn, case_id=case_id)
    if made is None:
        raise NothingToAppeal
    return made


async def decide_appeal(
    conn: Connection,
    moderator: Viewer,
    *,
    case_id: UUID,
    action: AppealAction,
    reason: str,
    at: datetime,
) -> None:
    """Answer an appeal: stay with the decision, or take back what it did; a retry changes nothing.

    Errors: CaseNotFound (404), NotInOwnCase (403), AppealNotOpen and AppealNeedsAnother (409),
    WordsMissing (400).
    """
    words = require_reasoning(reason)
    case = await queries.lock_case(conn, case_id=case_id)
    if case is None:
        raise CaseNotFound
    if case.account_id == moderator.id:
        raise NotInOwnCase
    if await queries.is_last_entry(
        conn, case_id=case.id, actor_id=moderator.id, action=action, reason=words
    ):
        return
    await _require_another(conn, moderator, case)
    if not await queries.update_appeal_decided(conn, case_id=case_id, outcome=action):
        raise AppealNotOpen
    if action == "overturn":
        await take_back(conn, case, at=at)
        await queries.update_decided(conn, case_id=case_id, sanction="none")
    await _log(conn, moderator, case, action=action, reason=words)
    notice = Notice(
        kind="appeal_decided",
        group_id=case.id,
        video_id=case.video_id,
        text=f"{TOLD_APPELLANT[action]} {words}",
    )
    await tell(conn, case.account_id, notice)


async def _require_another(conn: Connection, moderator: Viewer, case: CaseState) -> None:
    decider_id = await queries.find_last_decider(conn, case_id=case.id)
    if decider_id == moderator.id and await queries.has_other_moderator(
        conn, except_ids=[moderator.id, case.account_id]
    ):
        raise AppealNeedsAnother


async def _log(
    conn: Connection,
    actor: Viewer,
    case: CaseState,
    *,
    action: AppealAction | Literal["appeal"],
    reason: str,
) -> None:
    await queries.append_log(
        conn,
        entry_id=new_id(),
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        case=case,
        reason=reason,
    )


async def list_own_cases(conn: ReadConnection, *, account_id: UUID) -> OwnCases:
    """List what was decided against an account, the newest first."""
    rows = await queries.list_own_cases(conn, account_id=account_id, limit=OWN_CASES_MAX)
    return OwnCases(items=[_render(row) for row in rows])


def _render(row: queries.OwnCaseRow) -> OwnCase:
    made = None
    if row.appeal_text is not None and row.appeal_created_at is not None:
        made = Appeal(
            text=row.appeal_text,
            created_at=row.appeal_created_at,
            outcome=row.appeal_outcome,
            decided_at=row.appeal_decided_at,
        )
    return OwnCase(
        case_id=row.case_id,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        video_id=row.video_id,
        excerpt=row.excerpt,
        action=row.action,
        reason=row.reason,
        decided_at=row.decided_at,
        is_in_force=row.sanction != "none",
        can_appeal=row.sanction != "none" and made is None,
        appeal=made,
    )
