"""What only the operator can mend is one sentence and one remedy, never a traceback."""

import errno
import os
from pathlib import Path

import pytest

from solstice.kit.remedies import OPERATOR_EXIT_CODE, OperatorError, explain_os_error

PLACE = Path("/srv/solstice")


def explain(number: int) -> OperatorError:
    return explain_os_error(OSError(number, os.strerror(number)), path=PLACE)


@pytest.mark.parametrize(
    ("number", "sentence", "remedy"),
    [
        (errno.ENOSPC, "is full", "Free some space"),
        (errno.EDQUOT, "is full", "Free some space"),
        (errno.EROFS, "read-only", "Remount it writable"),
        (errno.EACCES, "may not be written", "Change its owner"),
        (errno.EPERM, "may not be written", "Change its owner"),
    ],
)
def test_known_refusals_have_their_own_words(number: int, sentence: str, remedy: str) -> None:
    """The place is named, and each way out is one the operator really has."""
    explained = explain(number)
    assert sentence in explained.sentence
    assert str(PLACE) in explained.sentence
    assert explained.remedy.startswith(remedy)
    assert "SOLSTICE_STATE_DIR" in explained.remedy


def test_an_unknown_refusal_keeps_the_systems_words() -> None:
    """Better the kernel's phrase than a guess."""
    assert "Too many open files" in explain(errno.EMFILE).sentence


def test_a_refusal_without_words_is_still_a_sentence() -> None:
    """Some libraries raise with nothing but a text of their own."""
    assert "the disk sulks" in explain_os_error(OSError("the disk sulks"), path=PLACE).sentence


def test_a_real_refusal_is_understood(tmp_path: Path) -> None:
    """As the kernel raises it: a file where a directory should be."""
    (tmp_path / "var").write_text("")
    with pytest.raises(OSError, match="Not a directory") as refused:
        (tmp_path / "var" / "logs").mkdir()
    assert "Not a directory" in explain_os_error(refused.value, path=tmp_path / "var").sentence


def test_a_log_line_has_both_the_sentence_and_the_remedy() -> None:
    """Whoever catches it by its text alone loses nothing; scripts tell it by the exit code."""
    error = OperatorError("The kettle is empty.", remedy="Fill it.")
    assert str(error) == "The kettle is empty. Fill it."
    assert OPERATOR_EXIT_CODE not in {0, 1}
