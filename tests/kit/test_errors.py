"""An expected failure says what it is by its class alone."""

from solstice.kit.errors import NotFound, SolsticeError, StorageFull


class VideoNotVisible(NotFound):
    """This video does not exist, or is not shown to you.

    A second paragraph is for engineers only.
    """


def test_the_first_line_of_the_docstring_is_the_message() -> None:
    """So the message stands where the failure is defined."""
    assert VideoNotVisible().detail == "This video does not exist, or is not shown to you."


def test_a_given_detail_replaces_the_message() -> None:
    """For failures that know more, such as which limit was passed."""
    assert VideoNotVisible("Gone.").detail == "Gone."


def test_class_names_become_problem_types_and_titles() -> None:
    """RFC 9457's `type` and `title`, without a table to keep."""
    assert VideoNotVisible.slug() == "video-not-visible"
    assert VideoNotVisible.title() == "Video not visible"


def test_every_expected_failure_has_a_client_or_storage_status() -> None:
    """Only 503 and 507 may be about us; nothing expected is a plain 500."""
    kinds = SolsticeError.__subclasses__()
    assert StorageFull in kinds
    assert all(400 <= kind.status < 500 or kind.status in (503, 507) for kind in kinds)
