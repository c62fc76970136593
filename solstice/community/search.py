"""Search: videos by the words of their captions, people by name, hashtags by their beginning.

Everything is found through indexes that change in the transaction of what they index, so a
clip is found the moment it is live and gone the moment it is hidden.  The words of a query are
cut out here and quoted one by one: no operator of PostgreSQL's query language gets through.
Words come first; when none fits, likeness forgives a typing error.

A search looks at CANDIDATES newest matches at most and is given up after
`search_timeout_ms`: it is the cheapest request to make expensive.
"""

import re
import unicodedata
from typing import Literal
from uuid import UUID

import msgspec
from psycopg.errors import QueryCanceled

from solstice.accounts.summary import AccountSummary, render_summary
from solstice.community import search_queries as queries
from solstice.community.errors import QueryUnsuitable, SearchTooSlow
from solstice.community.pages import PAGE_SIZE, Page, present_page
from solstice.community.positions import Count, Rank, Tag
from solstice.community.video_lists import Hashtag
from solstice.kit.database import ReadConnection
from solstice.kit.paging import parse_cursor, render_cursor

QUERY_CHARS_MAX = 100
WORDS_MAX = 8
CANDIDATES = 500
LIST_PAGE = 20
SUGGESTIONS_EACH = 4
_WORD = re.compile(r"\w+")


class FoundAccount(AccountSummary, frozen=True, kw_only=True):
    """An account that was searched for."""

    follower_count: int | None


class AccountsFound(msgspec.Struct, frozen=True, kw_only=True):
    """A page of accounts."""

    kind: Literal["accounts"]
    items: list[FoundAccount]
    next_cursor: str | None


class HashtagsFound(msgspec.Struct, frozen=True, kw_only=True):
    """A page of hashtags."""

    kind: Literal["hashtags"]
    items: list[Hashtag]
    next_cursor: str | None


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """What a query might become: an account's name or a hashtag, without `@` or `#`."""

    kind: Literal["account", "hashtag"]
    text: str


class Suggestions(msgspec.Struct, frozen=True, kw_only=True):
    """A few suggestions, hashtags first."""

    items: list[Suggestion]


def require_query(text: str) -> str:
    """Accept what somebody searches for: visible characters, small letters, single spaces.

    Errors: QueryUnsuitable (400).
    """
    query = " ".join(
        "".join(
            " " if unicodedata.category(char)[0] in "CZ" else char
            for char in unicodedata.normalize("NFKC", text)
        ).split()
    ).lower()
    if not 1 <= len(query) <= QUERY_CHARS_MAX:
        raise QueryUnsuitable
    return query


def render_words(query: str) -> str:
    """Render a query for `to_tsquery`: all words, the last one as a beginning; "" for none."""
    words = _WORD.findall(query)[:WORDS_MAX]
    if not words:
        return ""
    quoted = [f"'{word}'" for word in words]
    if len(words[-1]) > 1:
        quoted[-1] += ":*"
    return " & ".join(quoted)


async def search_videos(
    conn: ReadConnection, *, viewer_id: UUID | None, text: str, cursor: str | None
) -> Page:
    """Search videos: those that say it most, then the newest.

    Errors: QueryUnsuitable (400), BadCursor (400), SearchTooSlow (503).
    """
    query = require_query(text)
    after = parse_cursor(cursor, tuple[Literal["words", "likeness"], Rank, UUID])
    by, rows = "words", []
    try:
        if after is None or after[0] == "words":
            rows = await queries.find_videos_by_words(
                conn,
                words=render_words(query),
                viewer_id=viewer_id,
                after=after[1:] if after else None,
                candidates=CANDIDATES,
                limit=PAGE_SIZE + 1,
            )
        if after[0] == "likeness" if after else not rows:
            by = "likeness"
            rows = await queries.find_videos_by_likeness(
                conn,
                query=query,
                viewer_id=viewer_id,
                after=after[1:] if after else None,
                candidates=CANDIDATES,
                limit=PAGE_SIZE + 1,
            )
    except QueryCanceled as error:
        raise SearchTooSlow from error
    shown = rows[:PAGE_SIZE]
    more = len(rows) > PAGE_SIZE
    return await present_page(
        conn,
        viewer_id=viewer_id,
        video_ids=[row.id for row in shown],
        next_cursor=render_cursor((by, shown[-1].rank, shown[-1].id)) if more else None,
    )


async def search_accounts(
    conn: ReadConnection, *, viewer_id: UUID | None, text: str, cursor: str | None
) -> AccountsFound:
    """Search people: the exact name, then beginnings, then likeness; the most followed first.

    Errors: QueryUnsuitable (400), BadCursor (400), SearchTooSlow (503).
    """
    query = require_query(require_query(text).removeprefix("@"))
    try:
        rows = await queries.find_accounts(
            conn,
            query=query,
            viewer_id=viewer_id,
            after=parse_cursor(cursor, tuple[Rank, Count, UUID]),
            candidates=CANDIDATES,
            limit=LIST_PAGE + 1,
        )
    except QueryCanceled as error:
        raise SearchTooSlow from error
    last = rows[LIST_PAGE - 1] if len(rows) > LIST_PAGE else None
    return AccountsFound(
        kind="accounts",
        items=[render_account(row) for row in rows[:LIST_PAGE]],
        next_cursor=render_cursor((last.rank, last.follower_count or 0, last.id)) if last else None,
    )


def render_account(row: queries.AccountRow) -> FoundAccount:
    """Render an account with its followers; None while they are being counted."""
    summary = render_summary(
        account_id=row.id,
        name=row.name,
        display_name=row.display_name,
        avatar_object=row.avatar_object,
    )
    return FoundAccount(
        id=summary.id,
        name=summary.name,
        display_name=summary.display_name,
        avatar_url=summary.avatar_url,
        follower_count=row.follower_count,
    )


async def search_hashtags(conn: ReadConnection, *, text: str, cursor: str | None) -> HashtagsFound:
    """Search hashtags by their beginning, the most used first.

    Errors: QueryUnsuitable (400), BadCursor (400), SearchTooSlow (503).
    """
    query = require_query(require_query(text).removeprefix("#"))
    try:
        rows = await queries.find_hashtags(
            conn,
            prefix=query,
            after=parse_cursor(cursor, tuple[Count, Tag]),
            limit=LIST_PAGE + 1,
        )
    except QueryCanceled as error:
        raise SearchTooSlow from error
    last = rows[LIST_PAGE - 1] if len(rows) > LIST_PAGE else None
    return HashtagsFound(
        kind="hashtags",
        items=[Hashtag(tag=row.tag, video_count=row.video_count) for row in rows[:LIST_PAGE]],
        next_cursor=render_cursor((last.video_count, last.tag)) if last else None,
    )


async def suggest(conn: ReadConnection, *, viewer_id: UUID | None, text: str) -> Suggestions:
    """Suggest what a query might become.

    Errors: QueryUnsuitable (400), SearchTooSlow (503).
    """
    query = require_query(require_query(text).lstrip("@#"))
    try:
        tags = await queries.find_hashtags(conn, prefix=query, after=None, limit=SUGGESTIONS_EACH)
        names = await queries.find_accounts(
            conn,
            query=query,
            viewer_id=viewer_id,
            after=None,
            candidates=CANDIDATES,
            limit=SUGGESTIONS_EACH,
        )
    except QueryCanceled as error:
        raise SearchTooSlow from error
    return Suggestions(
        items=[
            *(Suggestion(kind="hashtag", text=row.tag) for row in tags),
            *(Suggestion(kind="account", text=row.name) for row in names),
        ]
    )
