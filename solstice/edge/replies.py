"""What the edge itself answers when it refuses, or when nothing behind it answers.

Programs get a problem document (RFC 9457) that says when to come back; a person who
opened a page gets a page, which tries again by itself.  Bodies are constant and small:
refusing must stay cheaper than serving.
"""

from typing import Any

from solstice.kit.waiting_page import WAITING_PAGE_HEADERS, render_waiting_page

Json = dict[str, Any]

TITLES = {
    400: ("Malformed request", "The request cannot be understood."),
    404: ("Not found", "There is nothing here."),
    408: ("Request timeout", "The request did not arrive in time; please try again."),
    413: ("Too large", "This is larger than the limit."),
    421: ("Misdirected request", "This host name is not served here."),
    431: ("Headers too large", "The headers of this request are too large."),
    502: ("Bad answer", "A part of the platform gave no usable answer; please try again."),
    503: ("Unavailable", "The platform is starting or busy; please try again in a moment."),
    504: ("Too slow", "A part of the platform did not answer in time; please try again."),
}
RETRY_AFTER_S = {408: 1, 502: 2, 503: 2, 504: 2}
BUSY = 429
BUSY_RETRY_AFTER_S = (2, 3, 4, 5)
"""Drawn by chance for each refusal, or everybody would come back together."""
BUSY_FLAGS = ("UO", "RL", "OM")
"""Envoy's words for "too much": it would answer some of them 503, and a busy answer never is."""
BUSY_BODY = (
    '{"type":"/problems/busy","title":"Busy","status":429,'
    '"detail":"Busy right now; please try again in a moment."}'
)

OUTAGES = (502, 503, 504)
OUTAGE_WAIT_S = 3


def render_local_replies() -> Json:
    """Render the edge's own answers; the first matching mapper wins."""
    return {
        "mappers": [
            *(_busy_page(variant) for variant in range(len(BUSY_RETRY_AFTER_S))),
            *(_busy(variant) for variant in range(len(BUSY_RETRY_AFTER_S))),
            *(_outage_page(status) for status in OUTAGES),
        ]
        + [_problem(status) for status in TITLES],
    }


def _busy_page(variant: int) -> Json:
    mapper = _busy(variant)
    # First, since it is false for nearly everybody: 1 µs of the 26 that a refusal costs.
    mapper["filter"]["and_filter"]["filters"].insert(0, _is_opened_by_a_person())
    return _as_page(mapper, "Busy right now", wait_s=BUSY_RETRY_AFTER_S[variant])


def _busy(variant: int) -> Json:
    """Refuse with one of the waits; the last variant takes what the others left."""
    share = {
        "runtime_key": f"busy.variant.{variant}",
        "percent_sampled": {
            "numerator": 1_000_000 // (len(BUSY_RETRY_AFTER_S) - variant),
            "denominator": "MILLION",
        },
        # Otherwise every variant would draw the same number, from the request's id.
        "use_independent_randomness": True,
    }
    too_much = [{"response_flag_filter": {"flags": list(BUSY_FLAGS)}}, _status_is(BUSY)]
    return {
        "filter": {
            "and_filter": {
                "filters": [{"or_filter": {"filters": too_much}}, {"runtime_filter": share}]
            }
        },
        "status_code": BUSY,
        "headers_to_add": [
            _set("retry-after", str(BUSY_RETRY_AFTER_S[variant])),
            _set("x-solstice-shed", "edge"),
            *_headers(BUSY),
        ],
        "body_format_override": {
            "text_format_source": {"inline_string": BUSY_BODY},
            "content_type": "application/problem+json",
        },
    }


def _outage_page(status: int) -> Json:
    filters = [_status_is(status), _is_opened_by_a_person()]
    mapper = {
        "filter": {"and_filter": {"filters": filters}},
        "headers_to_add": _headers(status),
    }
    return _as_page(mapper, "No answer right now", wait_s=OUTAGE_WAIT_S)


def _as_page(mapper: Json, why: str, *, wait_s: int) -> Json:
    headers = [_set(name, value) for name, value in WAITING_PAGE_HEADERS.items()]
    return mapper | {
        "headers_to_add": [*mapper["headers_to_add"], *headers],
        "body_format_override": {
            "text_format_source": {"inline_string": render_waiting_page(why, wait_s=wait_s)},
            "content_type": WAITING_PAGE_HEADERS["content-type"],
        },
    }


def _is_opened_by_a_person() -> Json:
    """Match a browser that goes to an address; a script or a program asks otherwise.

    Browsers say `navigate` to trustworthy origins only; over plain HTTP they at least prefer HTML.
    """
    signs = [_header("sec-fetch-mode", exact="navigate"), _header("accept", prefix="text/html")]
    # Trying anything but a GET again by itself would ask something else.
    return {
        "and_filter": {
            "filters": [_header(":method", exact="GET"), {"or_filter": {"filters": signs}}]
        }
    }


def _header(name: str, **match: str) -> Json:
    return {"header_filter": {"header": {"name": name, "string_match": match}}}


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
