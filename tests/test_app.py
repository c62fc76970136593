"""The served application, whole: what its outermost layer knows of its routes."""

import re

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from solstice.admission import Admission, Priority
from solstice.app import list_priorities
from solstice.kit.asgi import App
from tests.cast import Person
from tests.conftest import SignUp


@pytest.fixture
def admission(app: App) -> Admission:
    """The outermost layer."""
    assert isinstance(app, Admission)
    return app


@pytest.fixture
def framework(admission: Admission) -> Litestar:
    """The innermost."""
    inner = admission.app.app.app  # type: ignore[attr-defined]
    assert isinstance(inner, Litestar)
    return inner


def test_every_route_has_a_label_and_admission_finds_it(
    admission: Admission, framework: Litestar
) -> None:
    """By the path people ask for; only the API's own description goes without."""
    labelled = {(method, path): label for method, path, label in list_priorities(framework)}
    served = {
        (method, route.path)
        for route in framework.routes
        if isinstance(route, HTTPRoute)
        for method in route.route_handler_map
        if method != "OPTIONS" and not route.path.startswith("/openapi.json")
    }
    assert len(served) > 80
    assert served - set(labelled) == set()
    for (method, pattern), label in labelled.items():
        path = re.sub(r"\{[^}]*\}", "x", re.sub(r"\{[^}]*:path\}", "feed/slide.js", pattern))
        assert admission.table.find(method, path) is label, (method, pattern)


@pytest.mark.parametrize(
    ("asked", "priority"),
    [
        ("GET /healthz/ready", Priority.CRITICAL),
        ("OPTIONS /healthz/ready", Priority.CRITICAL),
        ("GET /v1/operations", Priority.CRITICAL),
        ("GET /", Priority.PLAYBACK),
        ("GET /v/0198", Priority.PLAYBACK),
        ("GET /static/build/scripts/start.js", Priority.PLAYBACK),
        ("GET /v1/feed/for-you", Priority.PLAYBACK),
        ("GET /v1/feed/following", Priority.PLAYBACK),
        ("GET /v1/videos/0198", Priority.PLAYBACK),
        ("PUT /v1/videos/0198/like", Priority.WRITE),
        ("POST /v1/videos/0198/comments", Priority.WRITE),
        ("POST /v1/sessions", Priority.WRITE),
        ("GET /v1/videos/0198/comments", Priority.INTERACTIVE),
        ("GET /@ada", Priority.INTERACTIVE),
        ("PATCH /v1/uploads/0198", Priority.UPLOAD),
        ("POST /v1/beacons", Priority.DEFERRABLE),
        ("GET /v1/search/suggestions", Priority.DEFERRABLE),
        ("GET /v1/discovery", Priority.DEFERRABLE),
        ("GET /wp/login.php", Priority.DEFERRABLE),
    ],
)
def test_what_matters_most_goes_last(admission: Admission, asked: str, priority: Priority) -> None:
    """The order is the product's promise (docs/decisions/0014)."""
    assert admission.table.find(*asked.split()) is priority


async def test_every_answer_says_how_open_the_server_is(anonymous: Person) -> None:
    """The web app goes easy by it; the edge steers by the load report."""
    answer = await anonymous.http.get("/v1/feed/for-you")
    assert answer.headers["x-solstice-level"] == "100"
    assert answer.headers["endpoint-load-metrics"].startswith("TEXT application_utilization=")


async def test_waits_for_the_database_reach_admission(
    admission: Admission, sign_up: SignUp
) -> None:
    """So that the limit can follow them; the kit does not know whom it tells."""
    bo = await sign_up("bo")
    for _ in range(60):
        assert (await bo.http.get("/v1/me/bookmarks")).status_code == 200
    for _ in range(60):
        assert (await bo.http.get("/following")).status_code == 200
    assert admission.controller.pool_use[Priority.INTERACTIVE] > 0.5
    assert admission.controller.pool_use[Priority.PLAYBACK] < 0.5
