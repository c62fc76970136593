"""Where a request comes from: its network, and the browser's own signed memory of accounts.

The memory is a cookie that only log-in reads.  It opens nothing; it merely gives a browser that was
logged in before an allowance of tries that strangers cannot use up.
"""

from typing import Any
from uuid import UUID

from litestar import Request
from litestar.datastructures import Cookie

from solstice.accounts.cookies import DEVICE_COOKIE, device_cookie
from solstice.accounts.doorman import is_secure_request
from solstice.accounts.log_in import Place
from solstice.accounts.tokens import derive_key, read_device, sign_device
from solstice.kit.http import client_network
from solstice.kit.ids import new_id
from solstice.kit.resources import Resources

REMEMBERED_MAX = 5
"""Accounts one browser remembers, last used first; a family's tablet needs no more."""


def request_is_secure(request: Request[Any, Any, Any]) -> bool:
    """Tell whether the browser came over https, itself or as the edge says."""
    forwarded = request.headers.get("x-forwarded-proto", "")
    return is_secure_request(request.scope["scheme"], forwarded.encode("latin-1"))


def read_place(request: Request[Any, Any, Any], resources: Resources) -> Place:
    """Tell where a try comes from."""
    key = derive_key(resources.secret_key, "device")
    device = read_device(request.cookies.get(DEVICE_COOKIE), key)
    return Place(
        network=client_network(request),
        device_id=device[0] if device else None,
        device_account_ids=tuple(device[1]) if device else (),
        user_agent=request.headers.get("user-agent", ""),
    )


def remembering_cookie(
    place: Place, account_id: UUID, resources: Resources, *, is_secure: bool
) -> Cookie:
    """Make the cookie with which this browser remembers the account from now on."""
    others = [known for known in place.device_account_ids if known != account_id]
    token = sign_device(
        place.device_id or new_id(),
        [account_id, *others][:REMEMBERED_MAX],
        derive_key(resources.secret_key, "device"),
    )
    return device_cookie(token, is_secure=is_secure)
