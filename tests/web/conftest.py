"""A live clip that the served application can show."""

from uuid import UUID

import psycopg
import pytest

from tests.cast import Member, Person, insert_live_video
from tests.conftest import SignUp


@pytest.fixture
async def ada_at_home(sign_up: SignUp) -> Person:
    """A creator with a browser."""
    return await sign_up("ada")


@pytest.fixture
async def shown(dsn: str, ada_at_home: Person) -> UUID:
    """A live, public clip of ada's with a caption that tries to break out."""
    ada = Member(ada_at_home.id, ada_at_home.name)
    async with await psycopg.AsyncConnection.connect(dsn) as conn:
        return await insert_live_video(
            conn, ada, caption='</script><b onclick="x">Low sun</b> #dusk "quoted" & more'
        )


@pytest.fixture
async def hidden(dsn: str, ada_at_home: Person) -> UUID:
    """A clip only ada may see."""
    ada = Member(ada_at_home.id, ada_at_home.name)
    async with await psycopg.AsyncConnection.connect(dsn) as conn:
        return await insert_live_video(conn, ada, caption="Only mine", visibility="private")
