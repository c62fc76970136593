"""M3: twelve times the usual telemetry; who watches, likes or reads must not notice.

The rest of the load stays as it was.  Netflix saw the same in 2020, with prefetch instead of
telemetry.  The order of classes is looked at in every single second: nobody's telemetry is taken
while somebody's page is refused.
"""

from bench.overload.balancers import OURS, REFERENCE
from bench.overload.results import Results
from bench.overload.stand import SERVERS, SLOT_CAPACITY_PER_S, offer, settle, standing
from solstice.drills.record import Record
from solstice.drills.schedule import Event, constant, make_schedule

CRITICAL = ("feed", "like")
ORDER = ("feed", "like", "comments", "upload", "beacons")
USUAL = {"feed": 0.25, "like": 0.1, "comments": 0.1, "upload": 0.05}
BEACONS_USUAL = 0.2
FLOOD = 12.0
BEFORE_S, FLOOD_S = 4, 6


def draw_flood(seed: int) -> list[Event]:
    """Draw the steady load and the flood over it."""
    capacity = SERVERS * SLOT_CAPACITY_PER_S
    duration_s = BEFORE_S + FLOOD_S
    usual = make_schedule(
        rate=constant(sum(USUAL.values()) * capacity),
        duration_s=duration_s,
        mix=USUAL,
        people=400,
        seed=seed,
    )
    beacons = BEACONS_USUAL * capacity
    flood = make_schedule(
        rate=lambda at_s: beacons * (FLOOD if at_s >= BEFORE_S else 1.0),
        duration_s=duration_s,
        mix={"beacons": 1.0},
        people=400,
        seed=seed + 1,
    )
    return sorted([*usual, *flood], key=lambda event: event.at_s)


async def measure(results: Results, *, runs: int) -> None:
    """Ours in every run, HAProxy once."""
    for run in range(runs):
        for setup in (REFERENCE, OURS) if run == 0 else (OURS,):
            with standing(setup) as stand:
                offered = await offer(stand.port, draw_flood(300 + 10 * run), seed=run)
                _note(results, setup.name, run, offered.record)
            await settle()


def _note(results: Results, setup: str, run: int, record: Record) -> None:
    results.keep(record, measure="priorities", setup=setup, run=run)
    # The second in which the flood begins counts: its people are refused or served like others.
    window = {"from_s": BEFORE_S, "to_s": BEFORE_S + FLOOD_S}
    calm = {"from_s": 1, "to_s": BEFORE_S}
    good = sum(row.good for action in CRITICAL for row in _rows(record, action))
    offered = sum(row.offered for action in CRITICAL for row in _rows(record, action))
    before_ms = record.accepted_ms(99, actions=["feed"], **calm)
    during_ms = record.accepted_ms(99, actions=["feed"], **window)
    for figure, value in (
        ("critical served", good / offered),
        ("critical p99 over before", during_ms / before_ms if during_ms else float("inf")),
        ("seconds with classes inverted", count_inversions(record)),
        ("deferrable served", record.share_good(action="beacons", **window)),
    ):
        results.note(f"M3 {figure}", setup=setup, run=run, value=value)


def _rows(record: Record, action: str) -> list:  # type: ignore[type-arg]
    return record.seconds[action][BEFORE_S : BEFORE_S + FLOOD_S]


def count_inversions(record: Record) -> int:
    """Count the seconds in which a class lost more than one in a hundred, and more than a lower."""
    count = 0
    for at_s in range(BEFORE_S, BEFORE_S + FLOOD_S):
        shares = [record.share_good(from_s=at_s, to_s=at_s + 1, action=name) for name in ORDER]
        count += any(
            upper < 0.99 and upper < max(shares[place + 1 :])
            for place, upper in enumerate(shares[:-1])
        )
    return count
