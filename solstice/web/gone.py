"""Pages for what cannot be shown: gone, blocked, not yours, busy. Each says what to do now."""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from solstice.kit.errors import NotSignedIn, SolsticeError
from solstice.kit.http import answer_bug, answer_expected_failure, answer_http_failure
from solstice.kit.resources import Resources
from solstice.web.pages import render_page, text_of

Asked = Request[Any, Any, Any]

_KEYS = {403: "gone.forbidden", 404: "gone.missing", 503: "gone.busy", 429: "gone.busy"}
SERVER_ERRORS = 500
FOR_PROGRAMS = ("/v1/", "/media/", "/static/")


def answer_gone(request: Asked, error: Exception) -> Response[Any]:
    """Show an expected failure as a page, with its own status."""
    if not isinstance(error, SolsticeError):  # pragma: no cover - registered for that type only
        raise error
    problem = answer_expected_failure(request, error)
    retry_after = problem.headers.get("retry-after")
    return _page(request, error.status, {"retry-after": retry_after} if retry_after else {})


def answer_gone_http(request: Asked, error: Exception) -> Response[Any]:
    """Show the framework's own refusals as a page."""
    if not isinstance(error, HTTPException):  # pragma: no cover - registered for that type only
        raise error
    if error.status_code >= SERVER_ERRORS:
        answer_bug(request, error)
    return _page(request, error.status_code, {})


def answer_no_route(request: Asked, error: Exception) -> Response[Any]:
    """Show a page to a person whose address leads nowhere; programs keep their document."""
    wants_page = "text/html" in request.headers.get("accept", "")
    if wants_page and not request.url.path.startswith(FOR_PROGRAMS):
        return answer_gone_http(request, error)
    return answer_http_failure(request, error)


def _page(request: Asked, status: int, headers: dict[str, str]) -> Response[str]:
    resources: Resources = request.app.state.resources
    catalogue = text_of(request)
    key = _KEYS.get(status, "gone.busy" if status >= SERVER_ERRORS else "gone.missing")
    if status == NotSignedIn.status:
        key = "gone.signed_out"
    page = render_page(
        "gone.html",
        request=request,
        resources=resources,
        viewer=None,
        status=status,
        heading=catalogue.text(f"{key}.title"),
        sentence=catalogue.text(f"{key}.text"),
    )
    page.headers.update(headers)
    return page
