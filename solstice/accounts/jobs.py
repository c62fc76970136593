"""What happens to accounts by itself."""

from datetime import timedelta

import structlog

from solstice.accounts.allowances import delete_old_allowances
from solstice.accounts.avatars import remove_unused_avatars
from solstice.accounts.deletion import erase_due_accounts
from solstice.accounts.session_queries import delete_old_sessions
from solstice.kit.jobs import Job, Periodic
from solstice.kit.resources import Resources

SESSIONS_KEPT_S = 30 * 86400.0
"""Ended sessions are kept as long as a token of theirs could still look valid."""
ALLOWANCES_KEPT_S = 86400.0

log = structlog.get_logger()


async def erase_accounts(resources: Resources) -> None:
    """Erase accounts whose time to reconsider is over; what is erased is not found again."""
    erased = await erase_due_accounts(resources, resources.offers.get("erasures", ()))
    if erased:
        log.info("accounts.erased", count=erased)


async def tidy_accounts(resources: Resources) -> None:
    """Forget old sessions, used allowances and unused pictures; safe to repeat."""
    now = resources.clock()
    async with resources.database.transaction() as conn:
        await delete_old_sessions(conn, before=now - timedelta(seconds=SESSIONS_KEPT_S))
        await delete_old_allowances(conn, before=now - timedelta(seconds=ALLOWANCES_KEPT_S))
    await remove_unused_avatars(resources.database, resources.objects, resources.clock)


JOBS: tuple[Job, ...] = ()
TIMETABLE: tuple[Periodic, ...] = (
    Periodic(name="accounts.erase", run=erase_accounts, every_s=300.0, timeout_s=600.0),
    Periodic(name="accounts.tidy", run=tidy_accounts, every_s=3600.0, timeout_s=300.0),
)
