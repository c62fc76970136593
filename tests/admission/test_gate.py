"""The gate lets in what fits, lets a few wait, and keeps nobody waiting for nothing."""

from hypothesis import given
from hypothesis import strategies as st

from solstice.admission.gate import Gate, Verdict
from solstice.admission.priority import Priority

PRIORITIES = st.sampled_from(list(Priority))


def enter(gate: Gate[str], ticket: str, priority: Priority, now_s: float = 0.0) -> Verdict:
    """Enter with two seconds of patience."""
    return gate.enter(ticket, priority, now_s=now_s, expires_s=now_s + 2)[0]


def test_up_to_the_limit_everybody_is_admitted() -> None:
    """And the next one waits."""
    gate: Gate[str] = Gate(limit=2)
    verdicts = [enter(gate, name, Priority.PLAYBACK) for name in "abc"]
    assert verdicts == [Verdict.ADMITTED, Verdict.ADMITTED, Verdict.WAITING]


def test_lower_priorities_leave_room_for_higher_ones() -> None:
    """Of ten places the deferrable fill six; the rest is kept for who watches."""
    gate: Gate[str] = Gate(limit=10)
    admitted = [enter(gate, str(n), Priority.DEFERRABLE) for n in range(8)]
    assert admitted.count(Verdict.ADMITTED) == 6
    assert enter(gate, "viewer", Priority.PLAYBACK) is Verdict.ADMITTED


def test_the_critical_never_wait() -> None:
    """Health must be answered when everything else is stuck."""
    gate: Gate[str] = Gate(limit=1)
    assert all(enter(gate, str(n), Priority.CRITICAL) is Verdict.ADMITTED for n in range(50))


def test_a_young_queue_is_served_in_order() -> None:
    """First come, first served, as people expect."""
    gate: Gate[str] = Gate(limit=2)
    for name in "abcd":
        enter(gate, name, Priority.PLAYBACK)
    assert gate.leave(Priority.PLAYBACK, now_s=0.01) == (["c"], [])


def test_an_old_queue_serves_the_newest_first() -> None:
    """The oldest one's client is about to leave anyway."""
    gate: Gate[str] = Gate(limit=4)
    for name in "abcdef":
        enter(gate, name, Priority.PLAYBACK)
    assert gate.leave(Priority.PLAYBACK, now_s=0.2) == (["f"], [])


def test_who_waited_too_long_is_told_so() -> None:
    """An early refusal is worth more than a late one, and the work would be for nobody."""
    gate: Gate[str] = Gate(limit=1)
    for name in "ab":
        enter(gate, name, Priority.PLAYBACK)
    assert gate.leave(Priority.PLAYBACK, now_s=3.0) == ([], ["b"])
    assert gate.in_flight == 0


def test_in_a_standing_queue_nobody_waits_long() -> None:
    """A burst may wait; a queue that is never empty makes everybody late who is served."""
    gate: Gate[str] = Gate(limit=4)
    for name in "abcde":
        enter(gate, name, Priority.PLAYBACK, now_s=0.0)
    enter(gate, "f", Priority.PLAYBACK, now_s=0.2)
    assert gate.take_stale(now_s=0.22) == []
    assert gate.take_stale(now_s=0.27) == ["e", "f"]


def test_a_queue_that_was_empty_is_a_new_one() -> None:
    """What stood a minute ago says nothing of this burst."""
    gate: Gate[str] = Gate(limit=2)
    for name in "abc":
        enter(gate, name, Priority.PLAYBACK, now_s=0.0)
    assert gate.leave(Priority.PLAYBACK, now_s=0.01) == (["c"], [])
    enter(gate, "d", Priority.PLAYBACK, now_s=60.0)
    assert gate.take_stale(now_s=60.2) == []


def test_a_more_important_newcomer_takes_the_least_important_place() -> None:
    """A full queue of telemetry does not lock out a like."""
    gate: Gate[str] = Gate(limit=2)
    enter(gate, "a", Priority.PLAYBACK)
    enter(gate, "b", Priority.PLAYBACK)
    enter(gate, "telemetry1", Priority.DEFERRABLE)
    enter(gate, "telemetry2", Priority.DEFERRABLE)
    verdict, displaced = gate.enter("like", Priority.WRITE, now_s=0, expires_s=2)
    assert (verdict, displaced) == (Verdict.WAITING, ["telemetry1"])


def test_a_less_important_newcomer_is_refused_by_a_full_queue() -> None:
    """The queue is bounded by half a limit's worth."""
    gate: Gate[str] = Gate(limit=4)
    verdicts = [enter(gate, str(n), Priority.WRITE) for n in range(6)]
    assert verdicts.count(Verdict.WAITING) == 2
    assert enter(gate, "prefetch", Priority.DEFERRABLE) is Verdict.REFUSED


def test_who_goes_away_leaves_the_queue() -> None:
    """A closed tab holds no place."""
    gate: Gate[str] = Gate(limit=1)
    enter(gate, "a", Priority.PLAYBACK)
    enter(gate, "b", Priority.PLAYBACK)
    gate.forget("b", Priority.PLAYBACK)
    assert gate.leave(Priority.PLAYBACK, now_s=0.01) == ([], [])


def test_who_asks_for_no_pool_passes_a_full_one_by() -> None:
    """Pages made from memory keep coming while the database is away."""
    gate: Gate[str] = Gate(limit=2)
    gate.bind(frozenset({Priority.WRITE}))
    likes = [enter(gate, name, Priority.WRITE) for name in "abc"]
    assert likes == [Verdict.ADMITTED, Verdict.ADMITTED, Verdict.WAITING]
    pages = [enter(gate, str(n), Priority.PLAYBACK) for n in range(50)]
    assert set(pages) == {Verdict.ADMITTED}
    assert (gate.in_flight, gate.held) == (52, 2)


def test_an_upload_that_streams_for_minutes_takes_nobodys_place() -> None:
    """It waits for a phone and not for a pool."""
    gate: Gate[str] = Gate(limit=2)
    assert {enter(gate, str(n), Priority.UPLOAD) for n in range(20)} == {Verdict.ADMITTED}
    assert enter(gate, "like", Priority.WRITE) is Verdict.ADMITTED


@given(st.lists(st.tuples(st.booleans(), PRIORITIES), max_size=200), st.floats(1, 20))
def test_places_and_people_always_add_up(steps: list[tuple[bool, Priority]], limit: float) -> None:
    """Whatever comes and goes: nobody is lost, the queue is bounded, in flight is never below 0."""
    gate: Gate[int] = Gate(limit=limit)
    inside: list[Priority] = []
    waiting: dict[int, Priority] = {}
    entered, refused, displaced_count, expired_count = 0, 0, 0, 0
    for number, (comes, priority) in enumerate(steps):
        now_s = number * 0.05
        if comes:
            entered += 1
            verdict, displaced = gate.enter(number, priority, now_s=now_s, expires_s=now_s + 1)
            inside += [priority] * (verdict is Verdict.ADMITTED)
            waiting[number] = priority
            refused += verdict is Verdict.REFUSED
            displaced_count += len(displaced)
        elif inside:
            admitted, expired = gate.leave(inside.pop(), now_s=now_s)
            inside += [waiting[ticket] for ticket in admitted]
            refused += 1
            expired_count += len(expired)
        assert gate.in_flight == len(inside)
        assert gate.held == sum(each in gate.bound for each in inside)
        assert gate.waiting_count <= max(1, int(limit / 2))
    assert entered == len(inside) + gate.waiting_count + refused + displaced_count + expired_count


def test_a_class_that_may_fill_a_share_only_can_tell_that_it_is_full() -> None:
    """Or a limit of 32 would never grow under nothing but likes."""
    gate: Gate[str] = Gate(limit=10)
    while enter(gate, "like", Priority.WRITE) is Verdict.ADMITTED:
        pass
    assert gate.take_use() == (10, True)
    assert gate.take_use() == (10, False)
