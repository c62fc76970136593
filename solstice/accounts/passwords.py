"""Passwords: argon2id in a lane of its own, narrow and with a short queue.

One hash costs about 20 ms of a core and 19 MiB on purpose.  So that a storm of log-ins takes
neither the processor from the feed nor the memory from the machine, few are computed at once,
few may wait, and the rest is told to come back (429): the lane is the limit, whoever asks.

A name that does not exist is checked against a hash all the same, so that the time an answer
takes says nothing.  The work is done in threads: argon2 lets go of the interpreter.  They give way
to every other thread, so that what is left of the processor hashes.
"""

import asyncio
import os
import threading
import unicodedata
from concurrent.futures import Future, ThreadPoolExecutor

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from solstice.accounts.errors import PasswordsBusy, PasswordUnsuitable
from solstice.accounts.settings import AccountSettings

PASSWORD_CHARS_MAX = 256
"""Long enough for any sentence; longer ones only buy work for the hasher."""
NICENESS = 10
"""A tenth of a processor's time beside a thread that wants it, the whole of it beside none.  In a
storm of log-ins three times as many pages come for it."""
_FIRST_TRIED = """
password password1 password12 password123 passw0rd p@ssw0rd 12345678 123456789 1234567890
12345678910 87654321 11111111 00000000 qwertyui qwertyuiop qwerty123 1q2w3e4r 1qaz2wsx
iloveyou sunshine princess football baseball superman trustno1 letmein1 welcome1 abc12345
abcd1234 aa123456 asdfghjk asdfasdf zxcvbnm1 michelle jennifer whatever computer starwars
dragon12 monkey12 master12 solstice solstice1 admin123 administrator changeme
"""
_COMMON = frozenset(_FIRST_TRIED.split())


def require_password(password: str, *, name: str, settings: AccountSettings) -> str:
    """Accept a new password: long enough, not the name, not among the most common ones.

    Errors: PasswordUnsuitable (400).  No rule asks for digits or signs (NIST SP 800-63B 5.1.1.2).
    """
    if len(password) < settings.password_chars_min:
        raise PasswordUnsuitable(
            f"A password has at least {settings.password_chars_min} characters."
        )
    if len(password) > PASSWORD_CHARS_MAX:
        raise PasswordUnsuitable(f"A password has at most {PASSWORD_CHARS_MAX} characters.")
    if password.lower() in _COMMON or len(set(password)) <= 2:  # noqa: PLR2004
        raise PasswordUnsuitable("This is one of the first passwords anybody would try.")
    if password.lower() == name:
        raise PasswordUnsuitable("The password must not be your name.")
    return password


class PasswordLane:
    """Hashes and checks passwords, few at once."""

    def __init__(self, settings: AccountSettings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.password_time_cost,
            memory_cost=settings.password_memory_kib,
            parallelism=1,
            type=Type.ID,
        )
        self._threads = ThreadPoolExecutor(
            settings.password_hashes_at_once_max,
            thread_name_prefix="passwords",
            # Linux keeps it for each thread.
            initializer=os.nice,
            initargs=(NICENESS,),
        )
        self._present_max = (
            settings.password_hashes_at_once_max + settings.password_hashes_waiting_max
        )
        self._present = 0
        self._counting = threading.Lock()
        self._decoy = self._hasher.hash("nobody has this password")

    def require_place(self) -> None:
        """Refuse before anything else is done when the queue is full.

        Errors: PasswordsBusy (429).
        """
        if self._present >= self._present_max:
            raise PasswordsBusy

    async def hash(self, password: str) -> str:
        """Hash a new password.

        Errors: PasswordsBusy (429).
        """
        return await self._in_lane(password)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Check a password; None stands for an account that does not exist, and never matches.

        Errors: PasswordsBusy (429).
        """
        checked = await self._in_lane(password, password_hash or self._decoy)
        return checked == "match" and password_hash is not None

    def needs_rehash(self, password_hash: str) -> bool:
        """Tell whether a hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(password_hash)

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_lane(self, password: str, password_hash: str | None = None) -> str:
        with self._counting:
            self.require_place()
            self._present += 1
        # Counted until the work itself is over: a client that leaves does not free its place.
        work = self._threads.submit(self._work, password, password_hash)
        work.add_done_callback(self._leave)
        return await asyncio.wrap_future(work)

    def _leave(self, _work: Future[str]) -> None:
        with self._counting:
            self._present -= 1

    def _work(self, password: str, password_hash: str | None) -> str:
        plain = unicodedata.normalize("NFKC", password[:PASSWORD_CHARS_MAX])
        if password_hash is None:
            return self._hasher.hash(plain)
        try:
            self._hasher.verify(password_hash, plain)
        except (VerificationError, InvalidHashError):
            return "mismatch"
        return "match"
