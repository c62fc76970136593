"""The ledger: what makes a second run add nothing."""

from pathlib import Path
from uuid import UUID

import pytest

from solstice.demo.ledger import FILE_NAME, open_ledger
from solstice.kit.remedies import OperatorError


def test_passwords_are_kept_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    """They open real accounts, however small."""
    first = open_ledger(tmp_path, ["ada", "bo"])
    again = open_ledger(tmp_path, ["ada", "bo", "cleo"])
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert again.passwords["ada"] == first.passwords["ada"]
    assert len(set(again.passwords.values())) == 3
    assert all(len(password) >= 12 for password in again.passwords.values())


def test_keys_are_the_same_in_every_run_and_differ_between_instances(tmp_path: Path) -> None:
    """The same clip is found again; another instance's demo is not mistaken for it."""
    first, again = open_ledger(tmp_path / "a", []), open_ledger(tmp_path / "a", [])
    first.save()
    again = open_ledger(tmp_path / "a", [])
    other = open_ledger(tmp_path / "b", [])
    assert UUID(first.key("video", "koi")) == UUID(again.key("video", "koi"))
    assert first.key("video", "koi") != other.key("video", "koi")
    assert first.key("video", "koi") != first.key("video", "soap")


def test_what_was_done_is_remembered(tmp_path: Path) -> None:
    """Across processes."""
    ledger = open_ledger(tmp_path, ["ada"])
    ledger.signed_up.append("ada")
    ledger.save()
    assert open_ledger(tmp_path, ["ada"]).signed_up == ["ada"]


@pytest.mark.parametrize("text", ["", "[1, 2]", '{"seed": 1, "surprise": true}'])
def test_a_damaged_ledger_is_said_and_not_overwritten(tmp_path: Path, text: str) -> None:
    """Overwriting it would lose the passwords of people who exist."""
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(OperatorError, match="damaged"):
        open_ledger(tmp_path, ["ada"])
    assert (tmp_path / FILE_NAME).read_text() == text
