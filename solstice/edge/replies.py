"""What the edge itself answers when it refuses, or when nothing behind it answers.

Programs get a problem document (RFC 9457) that says when to come back; a person who
opened a page gets a page, which tries again by itself.  Bodies are constant and small:
refusing must stay cheaper than serving.
"""

from typing import Any

Json = dict[str, Any]

TITLES = {
    400: ("Malformed request", "The request cannot be understood."),
    404: ("Not found", "There is nothing here."),
    408: ("Request timeout", "The request did not arrive in time; please try again."),
    413: ("Too large", "This is larger than the limit."),
    421: ("Misdirected request", "This host name is not served here."),
    429: ("Too many requests", "Slow down; please try again in a moment."),
    431: ("Headers too large", "The headers of this request are too large."),
    502: ("Bad answer", "A part of the platform gave no usable answer; please try again."),
    503: ("Unavailable", "The platform is starting or busy; please try again in a moment."),
    504: ("Too slow", "A part of the platform did not answer in time; please try again."),
}
RETRY_AFTER_S = {408: 1, 429: 5, 502: 2, 503: 2, 504: 2}

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>One moment</title>
<body><main><h1>One moment</h1>
<p>The platform is starting or busy. This page tries again by itself.</p></main></body></html>
"""


def render_local_replies() -> Json:
    """Render the edge's own answers; the first matching mapper wins."""
    return {
        "mappers": [_page(status) for status in (502, 503, 504)]
        + [_problem(status) for status in TITLES],
    }


def _page(status: int) -> Json:
    wants_page = {
        "header_filter": {
            "header": {"name": "accept", "string_match": {"contains": "text/html"}},
        }
    }
    return {
        "filter": {"and_filter": {"filters": [_status_is(status), wants_page]}},
        "headers_to_add": [*_headers(status), _set("refresh", "3")],
        "body_format_override": {
            "text_format_source": {"inline_string": PAGE},
            "content_type": "text/html; charset=utf-8",
        },
    }


def _problem(status: int) -> Json:
    title, detail = TITLES[status]
    return {
        "filter": _status_is(status),
        "headers_to_add": _headers(status),
        "body_format_override": {
            "json_format": {
                "type": "/problems/" + title.lower().replace(" ", "-"),
                "title": title,
                "status": "%RESPONSE_CODE%",
                "detail": detail,
                "request_id": "%REQ(X-REQUEST-ID)%",
            },
            "content_type": "application/problem+json",
        },
    }


def _headers(status: int) -> list[Json]:
    wait_s = RETRY_AFTER_S.get(status)
    again = [_set("retry-after", str(wait_s))] if wait_s else []
    return [
        *again,
        _set("cache-control", "no-store"),
        _set("x-content-type-options", "nosniff"),
        _set("content-security-policy", "default-src 'none'"),
    ]


def _status_is(status: int) -> Json:
    value = {"default_value": status, "runtime_key": f"status.{status}"}
    return {"status_code_filter": {"comparison": {"op": "EQ", "value": value}}}


def _set(name: str, value: str) -> Json:
    return {
        "header": {"key": name, "value": value},
        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
    }
