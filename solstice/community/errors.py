"""What can go wrong between people, in the words they read."""

from solstice.kit.errors import (
    Conflict,
    Forbidden,
    Malformed,
    NotFound,
    TooManyRequests,
    Unavailable,
)


class FollowsTooMany(Conflict):
    """You follow as many accounts as one can; unfollow some first."""


class CommentNotFound(NotFound):
    """This comment is not there, or not for you."""


class CommentUnsuitable(Malformed):
    """A comment needs at least one visible character."""


class CommentTooLong(Malformed):
    """This comment is longer than the limit."""


class NotYourComment(Forbidden):
    """Only its author, the video's creator or a moderator may remove a comment."""


class KeyUsed(Conflict):
    """This Idempotency-Key was already used for something else."""


class TooManyComments(TooManyRequests):
    """You are commenting very fast; wait a moment."""

    retry_after_s = 20.0


class NotificationNotFound(NotFound):
    """You have no such notification."""


class QueryUnsuitable(Malformed):
    """Search for 1 to 100 characters."""


class SearchTooSlow(Unavailable):
    """This search took too long and was given up; try more precise words."""


class HashtagNotFound(NotFound):
    """This is not a hashtag."""


class SubjectNotFound(NotFound):
    """What you want to report is not there, or not shown to you."""


class TooManyReports(TooManyRequests):
    """You have reported a lot within an hour; wait a little."""

    retry_after_s = 600.0


class CaseNotFound(NotFound):
    """There is no such case, or it does not concern you."""


class ActionDoesNotFit(Malformed):
    """This action does not fit what was reported."""


class CaseDecided(Conflict):
    """Somebody has decided this case already."""


class NothingToRestore(Conflict):
    """Nothing is in force that could be taken back."""


class NotInOwnCase(Forbidden):
    """You cannot decide about yourself."""


class NothingToAppeal(Conflict):
    """There is nothing to appeal against, or you have appealed already."""


class AppealNotOpen(Conflict):
    """There is no appeal waiting for a decision."""


class AppealNeedsAnother(Conflict):
    """Another moderator has to decide an appeal against your own decision."""


class WordsMissing(Malformed):
    """Say why, in at most 1000 characters."""
