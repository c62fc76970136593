"""A worker answers the same questions as a server."""

import pytest

from solstice.kit.health import build_health_app
from tests.served import browser


@pytest.mark.parametrize(("is_ready", "status"), [(True, 200), (False, 503)])
async def test_ready_follows_the_work(is_ready: bool, status: int) -> None:  # noqa: FBT001
    """Live in both cases: a restart would not help a worker that waits for its database."""
    async with browser(build_health_app(lambda: is_ready)) as client:
        assert (await client.get("/healthz/ready")).status_code == status
        assert (await client.get("/healthz/live")).status_code == 200


async def test_metrics_are_exported_and_nothing_else_is() -> None:
    """Prometheus text, and 404 for any other path."""
    async with browser(build_health_app(lambda: True)) as client:
        assert "solstice_requests_total" in (await client.get("/metrics")).text
        assert (await client.get("/")).status_code == 404
