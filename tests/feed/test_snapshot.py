"""The snapshot: whole or not at all."""

import asyncio
import os
from pathlib import Path

import pytest

from solstice.feed.snapshot import read_snapshot
from solstice.feed.snapshots import restore, save
from solstice.kit.pace import Pace
from tests.feed.world import World, ids_of


async def test_a_server_without_database_starts_from_what_was_last_known(world: World) -> None:
    """The same clips, cards and all, from the file alone."""
    ada = await world.somebody("ada")
    clips = await world.publish(ada, 3)
    before = await world.start_server()
    page = await before.for_you(None)
    await save(before.memory)
    after = await world.make_server()
    assert restore(after.memory)
    after.memory.loaded.set()
    restored = await after.for_you(None)
    assert set(ids_of(restored)) == set(clips)
    by_id = {item["id"]: item for item in page["items"]}
    assert all(item == by_id[item["id"]] for item in restored["items"])


async def test_two_at_once_do_not_spoil_each_other(world: World) -> None:
    """A server that stops in the middle of one writes its last: what stays is whole."""
    await world.publish(await world.somebody("ada"), 3)
    server = await world.start_server()
    await server.for_you(None)
    await asyncio.gather(*(save(server.memory, Pace().rest) for _ in range(4)))
    path = server.memory.snapshot_path
    assert read_snapshot(path) is not None
    assert list(path.parent.iterdir()) == [path]


async def test_what_a_killed_server_left_is_removed_and_what_another_writes_is_not(
    world: World,
) -> None:
    """Thirty megabytes at every kill would fill a disk in the end."""
    server = await world.start_server()
    path = server.memory.snapshot_path
    path.parent.mkdir(parents=True, exist_ok=True)
    left, in_use = (path.with_name(f"{path.name}.{pid}.1.tmp") for pid in (1, 2))
    for file in (left, in_use):
        file.write_bytes(b"half")
    os.utime(left, (0, 0))
    await save(server.memory)
    assert set(path.parent.iterdir()) == {path, in_use}


@pytest.mark.parametrize("damage", ["cut", "flip", "old", "empty", "missing"])
async def test_a_damaged_snapshot_is_as_good_as_none(world: World, damage: str) -> None:
    """Half a file, one flipped bit, another version: the server starts without it."""
    ada = await world.somebody("ada")
    await world.publish(ada, 3)
    server = await world.start_server()
    await server.for_you(None)
    await save(server.memory)
    path = server.memory.snapshot_path
    _damage(path, damage)
    assert read_snapshot(path) is None
    assert not restore((await world.make_server()).memory)


def _damage(path: Path, damage: str) -> None:
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
        return
    if damage == "cut":
        content = content[:-5]
    elif damage == "flip":
        content[len(content) // 2] ^= 1
    elif damage == "old":
        content[15] ^= 1
    else:
        content = bytearray()
    path.write_bytes(content)
