"""The cookies of accounts: which, for how long, and what the browser is told about them.

Over https the session's cookie is called `__Host-solstice_session`: browsers take that name
only from the host itself, over https and for the whole site, so a page on a neighbouring
subdomain cannot plant a session of its own (fixation).  Over plain http the prefix is not
allowed, and the name is `solstice_session`.
"""

from litestar.datastructures import Cookie

SESSION_COOKIE = "solstice_session"
HOST_PREFIX = "__Host-"
DEVICE_COOKIE = "solstice_device"
DEVICE_PATH = "/v1"
DEVICE_LIFETIME_S = 365 * 86400


def session_cookie(token: str, *, lifetime_s: float, is_secure: bool) -> Cookie:
    """Make the cookie that carries a session; an empty token removes it."""
    return Cookie(
        key=(HOST_PREFIX if is_secure else "") + SESSION_COOKIE,
        value=token,
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_secure,
        max_age=int(lifetime_s) if token else 0,
    )


def device_cookie(token: str, *, is_secure: bool) -> Cookie:
    """Make the cookie that lets a browser's own log-ins pass while others guess."""
    return Cookie(
        key=DEVICE_COOKIE,
        value=token,
        path=DEVICE_PATH,
        httponly=True,
        samesite="strict",
        secure=is_secure,
        max_age=DEVICE_LIFETIME_S,
    )


def find_session_token(cookies: bytes, *, is_secure: bool) -> bytes | None:
    """Find the session's token in a Cookie header; the first of the name counts."""
    key = b"__Host-solstice_session=" if is_secure else b"solstice_session="
    for pair in cookies.split(b";"):
        bare = pair.strip()
        if bare.startswith(key):
            return bare[len(key) :].strip(b'"')
    return None
