"""At the door: refuse writes from other sites, learn who is asking.

One pure ASGI layer, because the framework's own middleware for this costs ten times as much.
It reads the headers once and leaves the viewer in the scope, where the providers find it.  A
Host that is none is refused here, before anybody makes an address of it.

Cross-site writes are refused by what the browser itself says (docs/decisions/0011): a request
that changes something must not say `Sec-Fetch-Site: cross-site` or `same-site`, nor an `Origin`
other than its own host; one that carries the cookie must say one of the two.  A bearer token is
exempt, since no browser adds it by itself, and whoever sends one is not known by cookie.
"""

import re

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from solstice.accounts.cookies import SESSION_COOKIE, find_session_token, session_cookie
from solstice.accounts.errors import CrossSiteWrite, HostMalformed
from solstice.accounts.verifier import Known, SessionVerifier

VIEWER_KEY = "solstice.viewer"
_PORT = rb"(:(6553[0-5]|655[0-2]\d|65[0-4]\d\d|6[0-4]\d{3}|[1-5]\d{4}|\d{1,4}))?"
_HOST = re.compile(rb"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])" + _PORT)
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_WANTED = frozenset(
    {b"cookie", b"authorization", b"host", b"origin", b"sec-fetch-site", b"x-forwarded-proto"}
)


class Doorman:
    """The layer around each route that knows who is asking."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, with its viewer, or refuse it.

        Errors: CrossSiteWrite (403), HostMalformed (400).
        """
        cookie = await let_in(scope, scope["litestar_app"].state.sessions)
        await self.app(scope, receive, send if cookie is None else adding(send, cookie))


async def let_in(scope: Scope, verifier: SessionVerifier) -> bytes | None:
    """Leave the viewer in the scope; returns a cookie for the answer to set, if need be.

    Errors: CrossSiteWrite (403), HostMalformed (400).
    """
    said: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in _WANTED and name not in said:
            said[name] = value
    if not _HOST.fullmatch(said.get(b"host", b"-")):
        # Taken out, because whoever renders the refusal may ask for the request's address.
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"host"]
        raise HostMalformed
    is_secure = is_secure_request(scope["scheme"], said.get(b"x-forwarded-proto", b""))
    token = _bearer_token(said) if b"authorization" in said else None
    by_cookie = token is None
    if token is None and b"cookie" in said:
        token = find_session_token(said[b"cookie"], is_secure=is_secure)
    if by_cookie and scope.get("method") not in _READS:
        require_same_site(said, has_cookie=token is not None)
    if token is None:
        return None
    known = verifier.look_up(token)
    if known is not None and verifier.is_believed(known):
        scope[VIEWER_KEY] = known.viewer  # type: ignore[literal-required]
        return None
    renewed = await _renew(scope, verifier, known) if known is not None else ""
    if renewed is None or not by_cookie:
        return None
    cookie = session_cookie(renewed, lifetime_s=verifier.lifetime_s, is_secure=is_secure)
    return cookie.to_encoded_header()[1]


async def _renew(scope: Scope, verifier: SessionVerifier, known: Known) -> str | None:
    """Ask about a session; returns its new token, empty when it ended, None to change nothing."""
    viewer, renewed = await verifier.renew(known)
    scope[VIEWER_KEY] = viewer  # type: ignore[literal-required]
    return "" if viewer is None else renewed


def is_secure_request(scheme: str, forwarded: bytes) -> bool:
    """Tell whether the client came over https; a client that lies about it only hurts itself."""
    return (forwarded or scheme.encode()) in (b"https", b"wss")


def require_same_site(said: dict[bytes, bytes], *, has_cookie: bool) -> None:
    """Let a change pass unless another site caused it.

    Errors: CrossSiteWrite (403).
    """
    fetch_site = said.get(b"sec-fetch-site")
    if fetch_site is not None:
        if fetch_site not in (b"same-origin", b"none"):
            raise CrossSiteWrite
        return
    origin = said.get(b"origin")
    if origin is None:
        if has_cookie:
            raise CrossSiteWrite
        return
    host = said.get(b"host", b"")
    if not host or origin.partition(b"://")[2].lower() != host.lower():
        raise CrossSiteWrite


def _bearer_token(said: dict[bytes, bytes]) -> bytes | None:
    scheme, _, token = said[b"authorization"].partition(b" ")
    return token.strip() if scheme.lower() == b"bearer" else None


def adding(send: Send, cookie: bytes) -> Send:
    """Send with a cookie added, unless the answer is for everybody or sets its own."""

    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message["headers"])
            if not any(_forbids_cookie(name, value) for name, value in headers):
                message["headers"] = [*headers, (b"set-cookie", cookie)]
        await send(message)

    return send_with_cookie


def _forbids_cookie(name: bytes, value: bytes) -> bool:
    """Keep a person's cookie out of what caches may share, and a second one out of a log-in."""
    if name == b"cache-control":
        return b"public" in value or b"s-maxage" in value or b"immutable" in value
    return name == b"set-cookie" and SESSION_COOKIE.encode() in value.partition(b"=")[0]
