"""Who was silent and answers again is let back; who only answers questions is not, for long."""

from itertools import pairwise

from solstice.edge.readmission import ANSWERS, PAUSE_S, Readmission

ADA = "127.0.0.1:8101"


def look(readmission: Readmission, *, is_silent: bool, now_s: float = 0.0) -> list[str]:
    """One look at a place whose only server is left out."""
    return readmission.decide(left_out={ADA}, silent={ADA} if is_silent else set(), now_s=now_s)


def test_it_is_let_back_at_its_second_answer() -> None:
    """Half a second after it woke."""
    readmission = Readmission()
    looks = [look(readmission, is_silent=is_silent) for is_silent in (True, True, False, False)]
    assert looks == [[], [], [], [ADA]]


def test_one_answer_between_silences_is_not_enough() -> None:
    """A server that comes and goes stays where it is."""
    readmission = Readmission()
    assert not any(look(readmission, is_silent=number % 2 == 0) for number in range(20))


def test_who_was_never_silent_is_left_to_its_term() -> None:
    """One that answers our question and fails everybody else's is what the term is for."""
    readmission = Readmission()
    assert not any(look(readmission, is_silent=False) for _ in range(20))


def test_it_is_not_let_back_like_this_twice_within_a_minute() -> None:
    """Or one that hangs at its first request would be given one every second."""
    readmission, back_s = Readmission(), []
    for number in range(int(4 * 3 * PAUSE_S)):
        now_s = number / 4
        is_silent = number % 8 < 8 - 2 * ANSWERS
        if look(readmission, is_silent=is_silent, now_s=now_s):
            back_s.append(now_s)
    assert len(back_s) == 3
    assert all(later - earlier >= PAUSE_S for earlier, later in pairwise(back_s))


def test_one_that_returned_by_itself_is_forgotten() -> None:
    """Its old silence says nothing about the next time it is left out."""
    readmission = Readmission()
    look(readmission, is_silent=True)
    assert readmission.decide(left_out=set(), silent=set(), now_s=1.0) == []
    assert not any(look(readmission, is_silent=False, now_s=2.0 + n) for n in range(5))
