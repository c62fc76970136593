"""The short way to For You: in front of the framework, and no different from the way through it."""

import httpx
import pytest

from tests.cast import Person
from tests.conftest import SignUp

FOR_YOU = "/v1/feed/for-you"
THROUGH_THE_FRAMEWORK = FOR_YOU + "/"
"""Only a router knows that this is the same address."""
OF_THE_MOMENT = {"x-request-id", "content-length", "endpoint-load-metrics"}


async def test_both_ways_say_the_same(sign_up: SignUp) -> None:
    """Headers, form and whom it is for: nobody can tell who answered."""
    bo = await sign_up("bo")
    answers = [await bo.http.get(path) for path in (FOR_YOU, THROUGH_THE_FRAMEWORK)]
    short, long = ({k: v for k, v in a.headers.items() if k not in OF_THE_MOMENT} for a in answers)
    assert short == long
    short_page, long_page = (answer.json() for answer in answers)
    assert short_page.keys() == long_page.keys()
    assert short_page["viewer"] is not None


@pytest.mark.parametrize("wrong", ["cursor=x", "cursor=a&cursor=b", "limit=0", "limit=x"])
async def test_a_refusal_is_the_same_problem_document(anonymous: Person, wrong: str) -> None:
    """With the request's own id, by either way."""
    short, long = [
        await anonymous.http.get(f"{path}?{wrong}") for path in (FOR_YOU, THROUGH_THE_FRAMEWORK)
    ]
    assert short.status_code == long.status_code == 400
    assert short.headers["content-type"] == long.headers["content-type"]
    assert short.json()["request_id"] == short.headers["x-request-id"]
    assert _without_id(short) == _without_id(long)


async def test_the_doorman_stands_before_the_short_way_too(anonymous: Person) -> None:
    """A Host that is none is refused there as everywhere."""
    answer = await anonymous.http.get(FOR_YOU, headers={"host": "a b"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_cookie_that_means_nothing_any_more_is_taken_back(anonymous: Person) -> None:
    """The page is everybody's then, and the browser forgets the cookie."""
    answer = await anonymous.http.get(FOR_YOU, headers={"cookie": "solstice_session=nonsense"})
    assert answer.status_code == 200
    assert answer.json()["viewer"] is None
    assert "solstice_session=" in answer.headers["set-cookie"]


async def test_its_answers_are_counted_by_their_route(anonymous: Person) -> None:
    """Operators see For You where they have always seen it."""
    await anonymous.http.get(FOR_YOU)
    assert f'route="{FOR_YOU}"' in (await anonymous.http.get("/metrics")).text


def _without_id(answer: httpx.Response) -> dict[str, object]:
    return {key: value for key, value in answer.json().items() if key != "request_id"}
