"""The running platform as this package sees it: an address that answers HTTP.

Every request here may be sent twice without harm (PUT, or POST with an Idempotency-Key), so one
that was lost is simply sent again, as often as its budget allows, and a `Retry-After` is obeyed.
Only the standard library is used: the demo must not make the product depend on another client.
"""

import http.client
import json
import ssl
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from solstice.kit.remedies import OperatorError

TRIES_MAX = 6
WAIT_S_MAX = 20.0
ANSWER_S_MAX = 60.0
BUSY = frozenset({408, 429, 502, 503, 504})
SESSION_COOKIES = ("__Host-solstice_session", "solstice_session")


class Refused(Exception):
    """The platform said no, and why."""

    def __init__(self, method: str, path: str, status: int, detail: str) -> None:
        super().__init__(f"{method} {path}: {status} {detail}")
        self.status = status
        self.detail = detail


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        """Read the body."""
        return json.loads(self.body)

    def token(self) -> str:
        """Return the session that was begun with this answer."""
        for header in self.headers.get_all("set-cookie") or ():
            for name, morsel in SimpleCookie(header).items():
                if name in SESSION_COOKIES:
                    return morsel.value
        raise LookupError("no session in the answer")


class Site:
    """One connection to the platform, opened again whenever it closes."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise OperatorError(
                f"{url} is not an address of the web.",
                remedy="Give one like http://127.0.0.1:8080.",
            )
        self.url = url.rstrip("/")
        self._is_secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._connection = self._connect()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def require_running(self) -> None:
        """Errors: `OperatorError` unless a Solstice answers here."""
        try:
            limits = self._send("GET", "/v1/limits", b"", {})
        except OSError as error:
            raise OperatorError(
                f"Nothing answers at {self.url} ({error.strerror or error}).",
                remedy="Run `make up` first, in another terminal, then this again.",
            ) from error
        if limits.status != http.HTTPStatus.OK:
            raise OperatorError(
                f"What answers at {self.url} is not a Solstice that is ready ({limits.status}).",
                remedy="Run `make up` first, in another terminal, then this again.",
            )

    def call(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        body: bytes | None = None,
        value: Any = None,
        key: str = "",
        **headers: str,
    ) -> Answer:
        """Send one request until it is answered; header names are written with underscores.

        Errors: `Refused` for an answer of 400 or more; `OperatorError` when the platform is gone.
        """
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        if value is not None:
            body, sent["content-type"] = json.dumps(value).encode(), "application/json"
        if token:
            sent["authorization"] = f"Bearer {token}"
        if key:
            sent["idempotency-key"] = key
        for number in range(TRIES_MAX):
            try:
                answer = self._send(method, path, body or b"", sent)
            except (OSError, http.client.HTTPException):
                self._connection.close()
                self._connection = self._connect()
                wait_s = 0.5 * 2**number
            else:
                if answer.status not in BUSY:
                    break
                wait_s = _retry_after_s(answer, otherwise=0.5 * 2**number)
            time.sleep(min(wait_s, WAIT_S_MAX))
        else:
            raise OperatorError(
                f"{self.url} went away or stays busy ({method} {path}).",
                remedy="Look at `make up`; then run this again: it goes on where it stopped.",
            )
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise Refused(method, path, answer.status, _detail(answer))
        return answer

    def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        self._connection.request(method, path, body=body, headers=headers)
        response = self._connection.getresponse()
        return Answer(status=response.status, headers=response.headers, body=response.read())

    def _connect(self) -> http.client.HTTPConnection:
        if self._is_secure:
            return http.client.HTTPSConnection(
                self._host,
                self._port,
                timeout=ANSWER_S_MAX,
                context=ssl.create_default_context(),
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=ANSWER_S_MAX)


def _retry_after_s(answer: Answer, *, otherwise: float) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdigit() else otherwise


def _detail(answer: Answer) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.body[:200].decode(errors="replace")
