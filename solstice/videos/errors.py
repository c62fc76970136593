"""What can be wrong with a request about a video."""

from solstice.kit.errors import (
    Conflict,
    Malformed,
    NotFound,
    SolsticeError,
    TooLarge,
    TooManyRequests,
)


class VideoNotVisible(NotFound):
    """This video is not there, or not for you."""


class UploadNotFound(NotFound):
    """There is no such upload; start a new one."""


class UploadGone(SolsticeError):
    """This upload was ended or has expired; start a new one."""

    status = 410


class UploadTooLarge(TooLarge):
    """This file is larger than the limit."""


class UploadLengthMissing(Malformed):
    """Say the size of the file in Upload-Length; it cannot be told later, and not be zero."""


class BadUploadMetadata(Malformed):
    """Upload-Metadata is not a list of keys with base64 values, or one is too long."""


class WrongOffset(Conflict):
    """The upload has another offset; ask for it and go on from there."""


class UploadInUse(Conflict):
    """This id belongs to something else."""


class TooManyUploads(TooManyRequests):
    """Too many unfinished uploads; finish or delete some first."""

    retry_after_s = 60.0


class WrongTusVersion(SolsticeError):
    """This server speaks tus 1.0.0."""

    status = 412


class WrongContentType(SolsticeError):
    """Send application/offset+octet-stream."""

    status = 415


class UploadFinished(Conflict):
    """Every byte has been received; delete the video instead."""


class UploadStalled(SolsticeError):
    """No byte arrived for a while; what came before is kept."""

    status = 408


class TooManyParts(Conflict):
    """This upload came in too many small pieces; start again with larger ones."""


class TooManyReceiving(TooManyRequests):
    """Too many uploads at the same moment; go on in a moment."""


class CaptionTooLong(Malformed):
    """The caption is too long."""


class BadLanguage(Malformed):
    """A language is a tag like en, pt-BR or zh-Hant."""


class CaptionsNotFound(NotFound):
    """There are no captions in this language."""


class TooManyCaptions(Conflict):
    """This video has captions in as many languages as it may have."""


class PosterFrameNotFound(NotFound):
    """There is no such frame to choose; take one of those listed."""


class OriginalNotFound(NotFound):
    """The original of this video is not there yet."""


class BadOffset(Malformed):
    """Say in Upload-Offset where these bytes belong."""
