"""Who is asking, for handlers: `viewer`, `signed_in`, `moderator`, `administrator`.

The doorman has found out already; these only hand it over or refuse.

They ask for `resources` without using them: what depends on nothing in common Litestar resolves
in a task group, which cost a quarter of the processor time of a like (1.36 against 0.98 ms).
Asked for one after the other, they are resolved one after the other.
"""

from typing import cast

from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import Scope

from solstice.accounts.avatars import PictureLane
from solstice.accounts.doorman import VIEWER_KEY
from solstice.accounts.errors import AdministratorsOnly, ModeratorsOnly
from solstice.accounts.passwords import PasswordLane
from solstice.accounts.verifier import SessionVerifier
from solstice.accounts.viewer import Viewer
from solstice.kit.errors import NotSignedIn
from solstice.kit.resources import Resources


def _require_viewer(scope: Scope) -> Viewer:
    viewer = cast("Viewer | None", scope.get(VIEWER_KEY))
    if viewer is None:
        raise NotSignedIn
    return viewer


def provide_viewer(scope: Scope, resources: Resources) -> Viewer | None:  # noqa: ARG001
    """Tell who is asking; None for somebody who has not logged in."""
    return cast("Viewer | None", scope.get(VIEWER_KEY))


def provide_signed_in(scope: Scope, resources: Resources) -> Viewer:  # noqa: ARG001
    """Tell who is asking.

    Errors: NotSignedIn (401).
    """
    return _require_viewer(scope)


def provide_moderator(scope: Scope, resources: Resources) -> Viewer:  # noqa: ARG001
    """Tell which moderator is asking.

    Errors: NotSignedIn (401), ModeratorsOnly (403).
    """
    viewer = _require_viewer(scope)
    if not viewer.is_moderator:
        raise ModeratorsOnly
    return viewer


def provide_administrator(scope: Scope, resources: Resources) -> Viewer:  # noqa: ARG001
    """Tell which administrator is asking.

    Errors: NotSignedIn (401), AdministratorsOnly (403).
    """
    viewer = _require_viewer(scope)
    if not viewer.is_administrator:
        raise AdministratorsOnly
    return viewer


def provide_sessions(state: State) -> SessionVerifier:
    """Hand over this process's memory of sessions."""
    return cast("SessionVerifier", state.sessions)


def provide_passwords(state: State) -> PasswordLane:
    """Hand over the lane in which passwords are hashed."""
    return cast("PasswordLane", state.passwords)


def provide_pictures(state: State) -> PictureLane:
    """Hand over the lane in which profile pictures are drawn."""
    return cast("PictureLane", state.pictures)


PROVIDERS: dict[str, Provide] = {
    "viewer": Provide(provide_viewer, sync_to_thread=False),
    "signed_in": Provide(provide_signed_in, sync_to_thread=False),
    "moderator": Provide(provide_moderator, sync_to_thread=False),
    "administrator": Provide(provide_administrator, sync_to_thread=False),
    "sessions": Provide(provide_sessions, sync_to_thread=False),
    "passwords": Provide(provide_passwords, sync_to_thread=False),
    "pictures": Provide(provide_pictures, sync_to_thread=False),
}
