"""The filter is a well-formed program, for both architectures it knows."""

import struct

import pytest

from solstice.kit.seccomp import ARCHITECTURES, DENIED_CALLS, render_filter


@pytest.mark.parametrize("machine", list(ARCHITECTURES))
@pytest.mark.parametrize("may_exec", [True, False])
def test_every_jump_lands_inside_and_the_end_is_a_return(machine: str, may_exec: bool) -> None:  # noqa: FBT001
    """The kernel refuses anything else, and then there would be no filter."""
    code = render_filter(machine=machine, own_pid=4711, may_exec=may_exec)
    steps = [struct.unpack("=HBBI", code[at : at + 8]) for at in range(0, len(code), 8)]
    assert len(steps) < 4096
    for at, (_, if_true, if_false, _) in enumerate(steps):
        assert at + 1 + max(if_true, if_false) < len(steps) or steps[at][0] == 0x06
    assert steps[-1][0] == 0x06


def test_no_call_is_listed_under_two_names() -> None:
    """A number typed twice would be a call forgotten."""
    for column in range(2):
        numbers = [pair[column] for pair in DENIED_CALLS.values() if pair[column] is not None]
        assert len(numbers) == len(set(numbers))
