"""A case: what was reported, what can be decided about it, what is in force.  Pure.

open ──decide──► decided (dismiss: nothing in force; else a sanction)
                    │ appeal, once, by whoever it hits
                    ▼
                 uphold: it stays        overturn or restore: nothing in force
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from solstice.accounts.account import clean_text
from solstice.accounts.summary import AccountSummary
from solstice.community.errors import (
    ActionDoesNotFit,
    CaseDecided,
    NothingToRestore,
    NotInOwnCase,
    WordsMissing,
)
from solstice.videos import VideoCard

SubjectKind = Literal["video", "comment", "account"]
Reason = Literal[
    "spam",
    "harassment",
    "hate",
    "violence",
    "sexual",
    "minors",
    "self_harm",
    "illegal",
    "copyright",
    "other",
]
Action = Literal["dismiss", "hide_video", "remove_comment", "hide_account", "restore"]
Sanction = Literal["none", "hide_video", "remove_comment", "hide_account"]
AppealAction = Literal["uphold", "overturn"]
LogAction = Action | Literal["appeal"] | AppealAction
Queue = Literal["open", "appealed", "decided"]

WORDS_CHARS_MAX = 1000

FITTING: Mapping[SubjectKind, frozenset[Action]] = {
    "video": frozenset({"dismiss", "hide_video", "hide_account", "restore"}),
    "comment": frozenset({"dismiss", "remove_comment", "hide_account", "restore"}),
    "account": frozenset({"dismiss", "hide_account", "restore"}),
}
TOLD_REPORTER: Mapping[Action, str] = {
    "dismiss": "We looked at your report and found nothing against the rules.",
    "hide_video": "Thank you: the video you reported is no longer shown.",
    "remove_comment": "Thank you: the comment you reported was removed.",
    "hide_account": "Thank you: the account behind what you reported is no longer shown.",
}
TOLD_ACCOUNT: Mapping[Action, str] = {
    "hide_video": "Your video is no longer shown to others.",
    "remove_comment": "Your comment was removed.",
    "hide_account": "Your account is no longer shown to others.",
    "restore": "What was taken away is back.",
}
TOLD_APPELLANT: Mapping[AppealAction, str] = {
    "uphold": "We looked at it again and stay with the decision.",
    "overturn": "You were right: the decision was taken back.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a report is about, and who answers for it."""

    kind: SubjectKind
    id: UUID
    account_id: UUID
    video_id: UUID | None
    excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseState:
    """A case as the rules see it."""

    id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    account_id: UUID
    video_id: UUID | None
    state: Literal["open", "decided"]
    sanction: Sanction


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody reported; who did is shown to moderators only."""

    id: UUID
    reason: Reason
    note: str
    created_at: datetime
    reporter: AccountSummary | None = None


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log: who did what, when and why."""

    id: UUID
    at: datetime
    actor_name: str
    action: LogAction
    subject_kind: SubjectKind
    subject_id: UUID
    case_id: UUID | None
    reason: str


class LogPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the log, the newest first."""

    items: list[LogEntry]
    next_cursor: str | None


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says against a decision, and what became of it."""

    text: str
    created_at: datetime
    outcome: AppealAction | None
    decided_at: datetime | None


class CaseSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A case in the queue."""

    id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    video_id: UUID | None
    thumb_url: str | None
    excerpt: str
    account: AccountSummary
    state: Literal["open", "decided"]
    sanction: Sanction
    opened_at: datetime
    decided_at: datetime | None
    report_count: int
    reasons: list[Reason]
    is_appealed: bool


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the queue."""

    items: list[CaseSummary]
    next_cursor: str | None


class CaseSubject(msgspec.Struct, frozen=True, kw_only=True):
    """What a case is about, as it is now; null where it is gone."""

    video: VideoCard | None
    comment_text: str | None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a moderator needs to decide."""

    summary: CaseSummary
    subject: CaseSubject
    reports: list[Report]
    history: list[LogEntry]
    appeal: Appeal | None


class OwnCase(msgspec.Struct, frozen=True, kw_only=True):
    """A decision against something of one's own."""

    case_id: UUID
    subject_kind: SubjectKind
    subject_id: UUID
    video_id: UUID | None
    excerpt: str
    action: Sanction
    reason: str
    decided_at: datetime
    is_in_force: bool
    can_appeal: bool
    appeal: Appeal | None


class OwnCases(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions against what is one's own, the newest first."""

    items: list[OwnCase]


def require_fitting(case: CaseState, action: Action, *, moderator_id: UUID) -> None:
    """Let pass an action that can be taken in this case, by this moderator, now.

    Errors: NotInOwnCase (403), ActionDoesNotFit (400), NothingToRestore and CaseDecided (409).
    """
    if case.account_id == moderator_id:
        raise NotInOwnCase
    if action not in FITTING[case.subject_kind]:
        raise ActionDoesNotFit
    if action == "restore":
        if case.sanction == "none":
            raise NothingToRestore
    elif case.state == "decided":
        raise CaseDecided


def decide_sanction(action: Action) -> Sanction:
    """Decide what is in force after an action."""
    match action:
        case "dismiss" | "restore":
            return "none"
        case _:
            return action


def require_reasoning(text: str) -> str:
    """Accept the words of a decision or an appeal.

    Errors: WordsMissing (400).
    """
    words = clean_text(text, keep_lines=True)
    if not 1 <= len(words) <= WORDS_CHARS_MAX:
        raise WordsMissing
    return words
