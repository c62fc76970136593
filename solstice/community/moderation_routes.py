"""Routes of reports, cases, decisions and appeals."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import QueryParameter

from solstice.accounts.viewer import Viewer
from solstice.community import appeals, moderation, reports
from solstice.community.case import (
    Action,
    Appeal,
    AppealAction,
    Case,
    CasePage,
    LogPage,
    OwnCases,
    Queue,
    Reason,
    Report,
    SubjectKind,
)
from solstice.community.comment_routes import IdempotencyKey
from solstice.community.settings import CommunitySettings
from solstice.kit.http import problems
from solstice.kit.resources import Resources

Words = Annotated[str, msgspec.Meta(max_length=5000)]

READ_PROBLEMS = problems(400, 401, 403, 404, 429, 503)
WRITE_PROBLEMS = problems(400, 401, 403, 404, 409, 413, 429, 503, 507)


class NewReport(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is reported, and why."""

    subject_kind: SubjectKind
    subject_id: UUID
    reason: Reason
    note: Words = ""


class NewDecision(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a moderator decides, and why."""

    action: Action
    reason: Words


class NewAppeal(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody says against a decision."""

    text: Words


class NewAppealDecision(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a moderator answers to an appeal, and why."""

    action: AppealAction
    reason: Words


@post("/v1/reports", opt={"priority": "write"}, responses=WRITE_PROBLEMS)
async def post_report(
    data: NewReport, idempotency_key: IdempotencyKey, signed_in: Viewer, resources: Resources
) -> Report:
    """Report a video, a comment or an account; reporting it again is the same report."""
    async with resources.database.transaction() as conn:
        return await reports.report(
            conn,
            signed_in,
            resources.settings_of(CommunitySettings),
            report_id=idempotency_key,
            subject_kind=data.subject_kind,
            subject_id=data.subject_id,
            reason=data.reason,
            note=data.note,
        )


@get("/v1/moderation/cases", opt={"priority": "interactive"}, responses=READ_PROBLEMS)
async def list_cases(
    moderator: Viewer,  # noqa: ARG001 - the gate
    resources: Resources,
    queue: Annotated[Queue, QueryParameter(name="state")] = "open",
    cursor: str | None = None,
) -> CasePage:
    """List cases: open and appealed ones by how long they wait, decided ones the newest first."""
    async with resources.database.reading() as conn:
        return await moderation.list_cases(conn, queue=queue, cursor=cursor)


@get(
    "/v1/moderation/cases/{case_id:uuid}",
    opt={"priority": "interactive"},
    responses=READ_PROBLEMS,
)
async def get_case(
    case_id: UUID,
    moderator: Viewer,  # noqa: ARG001 - the gate
    resources: Resources,
) -> Case:
    """Read a case: what it is about, its reports, its history and its appeal."""
    async with resources.database.reading() as conn:
        return await moderation.read_case(conn, case_id=case_id)


@post(
    "/v1/moderation/cases/{case_id:uuid}/decisions",
    opt={"priority": "write"},
    responses=WRITE_PROBLEMS,
)
async def post_decision(
    case_id: UUID, data: NewDecision, moderator: Viewer, resources: Resources
) -> Case:
    """Decide a case, or restore what an earlier decision took away."""
    async with resources.database.transaction() as conn:
        await moderation.decide(
            conn,
            moderator,
            case_id=case_id,
            action=data.action,
            reason=data.reason,
            at=resources.clock(),
        )
        return await moderation.read_case(conn, case_id=case_id)


@get("/v1/moderation/log", opt={"priority": "interactive"}, responses=READ_PROBLEMS)
async def list_log(
    moderator: Viewer,  # noqa: ARG001 - the gate
    resources: Resources,
    cursor: str | None = None,
) -> LogPage:
    """List who decided what and why, the newest first."""
    async with resources.database.reading() as conn:
        return await moderation.list_log(conn, cursor=cursor)


@get("/v1/me/moderation", opt={"priority": "interactive"}, responses=READ_PROBLEMS)
async def list_own_cases(signed_in: Viewer, resources: Resources) -> OwnCases:
    """List decisions against what is one's own, and which of them can be appealed."""
    async with resources.database.reading() as conn:
        return await appeals.list_own_cases(conn, account_id=signed_in.id)


@post(
    "/v1/moderation/cases/{case_id:uuid}/appeal",
    opt={"priority": "write"},
    responses=WRITE_PROBLEMS,
)
async def post_appeal(
    case_id: UUID, data: NewAppeal, signed_in: Viewer, resources: Resources
) -> Appeal:
    """Object to a decision against what is one's own, once."""
    async with resources.database.transaction() as conn:
        return await appeals.appeal(conn, signed_in, case_id=case_id, text=data.text)


@post(
    "/v1/moderation/cases/{case_id:uuid}/appeal/decision",
    opt={"priority": "write"},
    responses=WRITE_PROBLEMS,
)
async def post_appeal_decision(
    case_id: UUID, data: NewAppealDecision, moderator: Viewer, resources: Resources
) -> Case:
    """Answer an appeal: stay with the decision, or take it back."""
    async with resources.database.transaction() as conn:
        await appeals.decide_appeal(
            conn,
            moderator,
            case_id=case_id,
            action=data.action,
            reason=data.reason,
            at=resources.clock(),
        )
        return await moderation.read_case(conn, case_id=case_id)


MODERATION_ROUTES = (
    post_report,
    list_cases,
    get_case,
    post_decision,
    list_log,
    list_own_cases,
    post_appeal,
    post_appeal_decision,
)
