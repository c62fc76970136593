"""Viewers are read when they come, those who come together by one statement."""

import asyncio

from tests.feed.world import World


async def test_who_is_read_together_is_not_mixed_up(world: World) -> None:
    """Each gets their own likes back, and asking twice at once is answered by one reading."""
    ada = await world.somebody("ada")
    people = [await world.somebody(f"p{number}") for number in range(5)]
    clips = await world.publish(ada, len(people))
    for person, clip in zip(people, clips, strict=True):
        await world.conn.execute(
            "INSERT INTO likes (viewer_id, video_id) VALUES (%s, %s)", [person.id, clip]
        )
    memory = (await world.start_server()).memory
    asked = [*people, people[0]]
    states = await asyncio.gather(*(memory.viewers.find(person.id) for person in asked))
    found = [(state.account_id, state.liked.tolist()) for state in states if state is not None]
    wanted = [
        (person.id, [clip.int & ((1 << 64) - 1)])
        for person, clip in zip(people, clips, strict=True)
    ]
    assert found == [*wanted, wanted[0]]
    assert states[0] is states[-1]
