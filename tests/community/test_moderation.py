"""Moderation: reported once, decided with a reason, logged for good, told to all concerned."""

from uuid import UUID

import psycopg
import pytest

from solstice.accounts import blocks
from solstice.accounts.errors import AccountNotFound, NotYourself
from solstice.community import appeals, comments, moderation, profiles, reports
from solstice.community.case import Action, Case, CaseSummary, Queue, SubjectKind
from solstice.community.errors import (
    ActionDoesNotFit,
    AppealNeedsAnother,
    AppealNotOpen,
    CaseDecided,
    CaseNotFound,
    KeyUsed,
    NothingToAppeal,
    NothingToRestore,
    NotInOwnCase,
    SubjectNotFound,
    TooManyReports,
    WordsMissing,
)
from solstice.community.notifications import list_notifications
from solstice.community.settings import CommunitySettings
from solstice.kit.clock import utc_now
from solstice.kit.database import Connection, ReadConnection
from solstice.kit.ids import new_id
from solstice.videos import require_visible
from solstice.videos.errors import VideoNotVisible
from tests.cast import Member, insert_live_video, insert_member

SETTINGS = CommunitySettings()


@pytest.fixture
async def mo(conn: Connection) -> Member:
    """A moderator."""
    return await insert_member(conn, "mo", role="moderator")


async def report(
    conn: Connection,
    who: Member,
    kind: SubjectKind,
    subject_id: UUID,
    *,
    key: UUID | None = None,
    settings: CommunitySettings = SETTINGS,
) -> UUID:
    """Report something as spam; returns the report's id."""
    made = await reports.report(
        conn,
        who.viewer,
        settings,
        report_id=key or new_id(),
        subject_kind=kind,
        subject_id=subject_id,
        reason="spam",
        note="Look at this",
    )
    return made.id


async def queue(conn: Connection, of: Queue, account: Member) -> list[CaseSummary]:
    """The cases of a queue that concern this account, however many of others come before."""
    found: list[CaseSummary] = []
    cursor: str | None = None
    while True:
        page = await moderation.list_cases(ReadConnection(conn), queue=of, cursor=cursor)
        found += [item for item in page.items if item.account.id == account.id]
        cursor = page.next_cursor
        if cursor is None:
            return found


async def decide(
    conn: Connection, who: Member, case_id: UUID, action: Action, reason: str = "Rule 3"
) -> Case:
    """Decide, and read the case anew."""
    await moderation.decide(
        conn, who.viewer, case_id=case_id, action=action, reason=reason, at=utc_now()
    )
    return await moderation.read_case(conn, case_id=case_id)


async def opened(conn: Connection, kind: SubjectKind, subject_id: UUID, by: Member) -> UUID:
    """Report something; returns the case."""
    await report(conn, by, kind, subject_id)
    cursor = await conn.execute(
        "SELECT id FROM cases WHERE subject_id = %s AND state = 'open'", [subject_id]
    )
    row = await cursor.fetchone()
    assert row is not None
    case_id: UUID = row[0]
    return case_id


async def told(conn: Connection, who: Member) -> list[str]:
    """The kinds in somebody's inbox."""
    inbox = await list_notifications(ReadConnection(conn), account_id=who.id, cursor=None)
    return [line.kind for line in inbox.items]


async def test_reports_about_one_thing_meet_in_one_case(
    conn: Connection, ada: Member, bo: Member, mallory: Member, clip: UUID
) -> None:
    """A retry, a second report by the same person and one by another make one case of two."""
    key = new_id()
    assert await report(conn, bo, "video", clip, key=key) == key
    assert await report(conn, bo, "video", clip, key=key) == key
    assert await report(conn, bo, "video", clip) == key
    await report(conn, mallory, "video", clip)
    [case] = await queue(conn, "open", ada)
    assert (case.report_count, case.reasons, case.excerpt) == (2, ["spam"], "A clip")
    with pytest.raises(KeyUsed):
        await report(conn, mallory, "video", clip, key=key)


async def test_only_what_is_seen_can_be_reported(conn: Connection, ada: Member, bo: Member) -> None:
    """A report tells nobody whether something hidden exists; nobody reports themselves."""
    private = await insert_live_video(conn, ada, visibility="private")
    for kind, subject_id in (("video", private), ("comment", new_id()), ("account", new_id())):
        with pytest.raises(SubjectNotFound):
            await report(conn, bo, kind, subject_id)  # type: ignore[arg-type]
    with pytest.raises(NotYourself):
        await report(conn, ada, "video", private)
    await blocks.block(conn, ada.viewer, name=bo.name)
    with pytest.raises(SubjectNotFound):
        await report(conn, bo, "account", ada.id)


async def test_a_flood_of_reports_is_stopped(
    conn: Connection, ada: Member, bo: Member, clip: UUID
) -> None:
    """Whoever reports everything is asked to wait."""
    tight = CommunitySettings(reports_per_hour_max=1)
    await report(conn, bo, "video", clip, settings=tight)
    with pytest.raises(TooManyReports):
        await report(conn, bo, "account", ada.id, settings=tight)


async def test_a_video_is_hidden_told_appealed_and_given_back(
    conn: Connection, ada: Member, bo: Member, mo: Member, clip: UUID
) -> None:
    """The whole way of a wrong decision, with everybody concerned told at each step."""
    case_id = await opened(conn, "video", clip, bo)
    case = await decide(conn, mo, case_id, "hide_video")
    assert (case.summary.state, case.summary.sanction) == ("decided", "hide_video")
    assert case.subject.video is not None
    with pytest.raises(VideoNotVisible):
        await require_visible(conn, bo.id, clip)
    assert (await told(conn, ada), await told(conn, bo)) == (["moderation"], ["report_decided"])
    [own] = (await appeals.list_own_cases(ReadConnection(conn), account_id=ada.id)).items
    assert (own.action, own.reason, own.can_appeal, own.is_in_force) == (
        "hide_video",
        "Rule 3",
        True,
        True,
    )

    first = await appeals.appeal(conn, ada.viewer, case_id=case_id, text="It is art")
    assert await appeals.appeal(conn, ada.viewer, case_id=case_id, text="It is art") == first
    with pytest.raises(NothingToAppeal):
        await appeals.appeal(conn, ada.viewer, case_id=case_id, text="And another thing")
    assert [item.id for item in await queue(conn, "appealed", ada)] == [case_id]

    second = await insert_member(conn, "second", role="moderator")
    await appeals.decide_appeal(
        conn, second.viewer, case_id=case_id, action="overturn", reason="Art", at=utc_now()
    )
    await require_visible(conn, bo.id, clip)
    assert sorted(await told(conn, ada)) == ["appeal_decided", "moderation"]
    [own] = (await appeals.list_own_cases(ReadConnection(conn), account_id=ada.id)).items
    assert (own.is_in_force, own.can_appeal) == (False, False)
    assert own.appeal is not None
    assert own.appeal.outcome == "overturn"
    history = (await moderation.read_case(conn, case_id=case_id)).history
    assert [(entry.action, entry.actor_name) for entry in reversed(history)] == [
        ("hide_video", mo.name),
        ("appeal", ada.name),
        ("overturn", second.name),
    ]


async def test_an_appeal_needs_another_moderator_if_there_is_one(
    conn: Connection, ada: Member, bo: Member, mo: Member, clip: UUID
) -> None:
    """The one who decided may answer only when nobody else could."""
    await conn.execute("UPDATE accounts SET role = 'viewer' WHERE id <> %s", [mo.id])
    case_id = await opened(conn, "video", clip, bo)
    await decide(conn, mo, case_id, "hide_video")
    await appeals.appeal(conn, ada.viewer, case_id=case_id, text="Please")
    second = await insert_member(conn, "second", role="administrator")

    async def answer() -> None:
        await appeals.decide_appeal(
            conn, mo.viewer, case_id=case_id, action="uphold", reason="No", at=utc_now()
        )

    with pytest.raises(AppealNeedsAnother):
        await answer()
    await conn.execute("UPDATE accounts SET hidden_at = now() WHERE id = %s", [second.id])
    await answer()
    await answer()  # a retry
    with pytest.raises(VideoNotVisible):
        await require_visible(conn, bo.id, clip)
    with pytest.raises(AppealNotOpen):
        await appeals.decide_appeal(
            conn, mo.viewer, case_id=case_id, action="overturn", reason="Yes", at=utc_now()
        )


async def test_a_comment_is_removed_and_restored_with_its_replies(
    conn: Connection, ada: Member, bo: Member, mo: Member, clip: UUID
) -> None:
    """What a decision took along comes back with it; what its author removed does not."""
    made = [new_id() for _ in range(3)]
    for comment_id, parent_id in zip(made, (None, made[0], made[0]), strict=True):
        await comments.post_comment(
            conn,
            bo.viewer,
            SETTINGS,
            video_id=clip,
            comment_id=comment_id,
            text="Words",
            parent_id=parent_id,
        )
    await comments.remove_comment(conn, bo.viewer, comment_id=made[2])
    case_id = await opened(conn, "comment", made[0], ada)
    case = await decide(conn, mo, case_id, "remove_comment")
    assert case.subject.comment_text == "Words"

    async def shown() -> list[UUID]:
        cursor = await conn.execute(
            "SELECT id FROM comments WHERE video_id = %s AND removed_at IS NULL", [clip]
        )
        return [row[0] for row in await cursor.fetchall()]

    assert await shown() == []
    await decide(conn, mo, case_id, "restore")
    assert sorted(await shown()) == sorted(made[:2])


async def test_a_moderator_removes_in_place_and_it_is_a_decision(
    conn: Connection, bo: Member, mo: Member, clip: UUID
) -> None:
    """No removal by a moderator is without a line in the log and a way to appeal."""
    comment_id = new_id()
    await comments.post_comment(
        conn, bo.viewer, SETTINGS, video_id=clip, comment_id=comment_id, text="Words"
    )
    for _ in range(2):
        await moderation.remove_comment(conn, mo.viewer, comment_id=comment_id, at=utc_now())
    [own] = (await appeals.list_own_cases(ReadConnection(conn), account_id=bo.id)).items
    assert (own.action, own.can_appeal) == ("remove_comment", True)
    log = await moderation.list_log(ReadConnection(conn), cursor=None)
    assert [entry.action for entry in log.items if entry.subject_id == comment_id] == [
        "remove_comment"
    ]


async def test_an_account_is_hidden_and_restored(
    conn: Connection, ada: Member, bo: Member, mo: Member, clip: UUID
) -> None:
    """With the account its videos are gone, and they come back with it."""
    case_id = await opened(conn, "account", ada.id, bo)
    await decide(conn, mo, case_id, "hide_account")
    read = ReadConnection(conn)
    with pytest.raises(AccountNotFound):
        await profiles.read_profile(read, viewer_id=bo.id, name=ada.name)
    with pytest.raises(VideoNotVisible):
        await require_visible(conn, bo.id, clip)
    await decide(conn, mo, case_id, "restore")
    await require_visible(conn, bo.id, clip)
    with pytest.raises(NothingToRestore):
        await decide(conn, mo, case_id, "restore", "Once more")


async def test_a_dismissal_tells_the_reporter_only(
    conn: Connection, ada: Member, bo: Member, mo: Member, clip: UUID
) -> None:
    """Nobody is frightened by a report that came to nothing; a new report opens a new case."""
    case_id = await opened(conn, "video", clip, bo)
    await decide(conn, mo, case_id, "dismiss")
    assert (await told(conn, ada), await told(conn, bo)) == ([], ["report_decided"])
    assert await opened(conn, "video", clip, bo) != case_id


async def test_a_decision_fits_has_a_reason_and_is_made_once(
    conn: Connection, ada: Member, bo: Member, mo: Member, clip: UUID
) -> None:
    """A retry is the same decision; another one is refused; nobody decides about themselves."""
    case_id = await opened(conn, "video", clip, bo)
    with pytest.raises(ActionDoesNotFit):
        await decide(conn, mo, case_id, "remove_comment")
    with pytest.raises(WordsMissing):
        await decide(conn, mo, case_id, "hide_video", "  ")
    with pytest.raises(NothingToRestore):
        await decide(conn, mo, case_id, "restore")
    with pytest.raises(CaseNotFound):
        await decide(conn, mo, new_id(), "dismiss")
    with pytest.raises(NotInOwnCase):
        await decide(conn, ada, case_id, "dismiss")
    await decide(conn, mo, case_id, "hide_video")
    case = await decide(conn, mo, case_id, "hide_video")
    assert [entry.action for entry in case.history] == ["hide_video"]
    with pytest.raises(CaseDecided):
        await decide(conn, mo, case_id, "dismiss")


async def test_other_peoples_cases_are_not_there(
    conn: Connection, bo: Member, mallory: Member, mo: Member, clip: UUID
) -> None:
    """Only whom a decision hits can appeal, and only something that is in force."""
    case_id = await opened(conn, "video", clip, bo)
    await decide(conn, mo, case_id, "hide_video")
    for who in (bo, mallory):
        with pytest.raises(CaseNotFound):
            await appeals.appeal(conn, who.viewer, case_id=case_id, text="Please")
        assert (await appeals.list_own_cases(ReadConnection(conn), account_id=who.id)).items == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE moderation_log SET reason = 'nicer'",
        "DELETE FROM moderation_log",
        "TRUNCATE moderation_log",
    ],
)
async def test_the_log_cannot_be_rewritten(
    conn: Connection, bo: Member, mo: Member, clip: UUID, statement: str
) -> None:
    """Not even by our own statements."""
    await decide(conn, mo, await opened(conn, "video", clip, bo), "dismiss")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await conn.execute(statement)  # type: ignore[call-overload]


async def test_the_log_outlives_everybody_in_it(
    conn: Connection, ada: Member, bo: Member, mo: Member, clip: UUID
) -> None:
    """Accounts go for good; who decided what and why stays."""
    await decide(conn, mo, await opened(conn, "video", clip, bo), "hide_video")
    for who in (ada, bo, mo):
        await conn.execute("DELETE FROM accounts WHERE id = %s", [who.id])
    log = await moderation.list_log(ReadConnection(conn), cursor=None)
    assert [(e.action, e.actor_name) for e in log.items if e.subject_id == clip] == [
        ("hide_video", mo.name)
    ]
