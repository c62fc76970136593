"""A kernel without Landlock is noticed, and nothing breaks."""

import ctypes

from solstice.kit.landlock import find_abi, restrict_files


class OldKernel:
    """Answers as a kernel before 5.13 does: no such call."""

    def syscall(self, *_: object) -> int:
        """Refuse every call."""
        return -1


def test_an_old_kernel_has_no_abi_and_restricts_nothing() -> None:
    """False is the answer; the caller's other layers stand."""
    old: ctypes.CDLL = OldKernel()  # type: ignore[assignment]
    assert find_abi(old) == 0
    assert restrict_files(old, [("/nowhere", 1)]) is False
