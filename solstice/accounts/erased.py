"""Writes of an account that was erased a moment ago: its token is believed for minutes more.

The database refuses the row, since whose it is is not there any more: no failure of ours, and the
same for whatever is written, so it is answered in one place.
"""

from typing import Any, cast

from litestar import Request, Response
from psycopg.errors import ForeignKeyViolation

from solstice.accounts.doorman import VIEWER_KEY
from solstice.accounts.viewer import Viewer
from solstice.kit.errors import NotSignedIn
from solstice.kit.http import answer_bug, answer_expected_failure


def answer_missing_reference(
    request: Request[Any, Any, Any], error: ForeignKeyViolation
) -> Response[bytes]:
    """Answer 401 when it is the one who asks that is missing; anything else missing is a bug."""
    viewer = cast("Viewer | None", request.scope.get(VIEWER_KEY))
    # "Key (viewer_id)=(…) is not present in table "accounts"."
    if viewer is not None and str(viewer.id) in (error.diag.message_detail or ""):
        return answer_expected_failure(request, NotSignedIn())
    return answer_bug(request, error)
