"""The doctor: what a machine lacks is one sentence, before anything is started."""

import os
from pathlib import Path

import pytest

from solstice.doctor import (
    examine_machine,
    judge_free_space,
    judge_kernel,
    judge_libc,
    judge_python,
    judge_state_dir,
    judge_system,
    require_able_machine,
)
from solstice.kit.remedies import OperatorError, explain_os_error


def test_this_machine_is_able(tmp_path: Path) -> None:
    """Where the tests run, every answer is good."""
    require_able_machine(tmp_path)
    findings = list(examine_machine(tmp_path))
    assert all(finding.problem is None for finding in findings)
    assert {"Python", "kernel", "free space"} <= {finding.question for finding in findings}


def test_the_first_problem_is_raised_and_all_are_listed() -> None:
    """/proc has no room and takes no files: the doctor lists both, the start stops at one."""
    place = Path("/proc")
    problems = [finding for finding in examine_machine(place) if finding.problem]
    assert [finding.question for finding in problems] == ["state directory", "free space"]
    with pytest.raises(OperatorError):
        require_able_machine(place)


@pytest.mark.parametrize("version", [(3, 10, 14), (3, 8, 0), (2, 7, 18)])
def test_an_old_python_is_named(version: tuple[int, ...]) -> None:
    """With the version found, the version needed and how to give another."""
    with pytest.raises(OperatorError, match=r"needs Python 3.11 or later, and this is") as error:
        judge_python(version)
    assert "PYTHON=" in error.value.remedy


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 2), (4, 0, 0)])
def test_a_new_python_is_fine(version: tuple[int, ...]) -> None:
    """Later versions are not refused for being later."""
    assert judge_python(version)


@pytest.mark.parametrize("release", ["4.19.0-27-amd64", "5.3.18", "3.10.0-1160.el7", "strange"])
def test_an_old_kernel_is_named(release: str) -> None:
    """The supervisor needs pidfds, which came with Linux 5.4."""
    with pytest.raises(OperatorError, match=r"needs Linux 5\.4 or later"):
        judge_kernel(release)


def test_a_kernel_without_landlock_is_allowed_but_said() -> None:
    """Less protection is the operator's decision, not a secret."""
    assert "without Landlock" in judge_kernel("5.10.0-30-amd64")
    assert "Landlock" not in judge_kernel("6.1.0")


@pytest.mark.parametrize(("name", "version"), [("", ""), ("musl", "1.2.4"), ("glibc", "2.28")])
def test_a_c_library_our_binaries_do_not_know_is_named(name: str, version: str) -> None:
    """Better than "no such file or directory" for a file that is there."""
    with pytest.raises(OperatorError, match=r"needs glibc 2\.31 or later"):
        judge_libc(name, version)


def test_other_systems_are_refused() -> None:
    """Our database and edge have no binaries for them."""
    for system, machine in (("Darwin", "arm64"), ("Linux", "i686"), ("Windows", "AMD64")):
        with pytest.raises(OperatorError, match="runs on Linux"):
            judge_system(system, machine)
    assert judge_system("Linux", "aarch64")


def test_a_full_disk_is_named() -> None:
    """/proc reports no free space at all."""
    with pytest.raises(OperatorError, match="is full"):
        judge_free_space(Path("/proc"))


def test_a_state_directory_is_made_when_it_can_be(tmp_path: Path) -> None:
    """A newcomer need not prepare anything; nothing of the trial stays."""
    place = tmp_path / "deep" / "var"
    assert judge_state_dir(place) == str(place)
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (28, "is full"),
        (122, "is full"),
        (30, "read-only"),
        (13, "may not be written"),
        (5, "Input"),
    ],
)
def test_each_way_a_write_fails_has_its_sentence_and_remedy(number: int, words: str) -> None:
    """ENOSPC, EDQUOT, EROFS, EACCES and the rest."""
    error = explain_os_error(OSError(number, os.strerror(number)), path=Path("/srv/var"))
    assert words in error.sentence
    assert "/srv/var" in error.sentence
    assert "SOLSTICE_STATE_DIR" in error.remedy
