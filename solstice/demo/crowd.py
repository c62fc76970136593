"""The crowd: people sign up, publish, follow, watch, like and talk, each by their own taste.

Who likes what is drawn from dice that are the same in every run, so a repetition repeats and
does not add.  Tastes differ on purpose: two neighbours in the crowd share interests, two
strangers do not, which gives For You something to find out.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from solstice.demo import words
from solstice.demo.avatars import render_avatar
from solstice.demo.ledger import Ledger
from solstice.demo.people import Persona, Post
from solstice.demo.site import Refused, Site
from solstice.kit.remedies import OperatorError

FOLLOWS_EACH = 5
GONE = frozenset({403, 404, 409, 410})


@dataclass(frozen=True, kw_only=True)
class Member:
    """A persona who is logged in."""

    persona: Persona
    token: str
    place: float
    """Where in the crowd, from 0 to 1: neighbours like alike."""


@dataclass(frozen=True, kw_only=True)
class Showing:
    """A post that is live."""

    post: Post
    creator: Persona
    video_id: str
    duration_ms: int
    place: float

    @property
    def name(self) -> str:
        """What this showing is called in the ledger."""
        return f"{self.post.order.scene}/{self.post.order.seed}"


def join(site: Site, ledger: Ledger, persona: Persona, *, place: float) -> Member:
    """Sign up, or log in if that happened before; then fill in the profile.

    Errors: `OperatorError` when somebody else has the name.
    """
    name, password = persona.name, ledger.passwords[persona.name]
    credentials = {"name": name, "password": password}
    if name in ledger.signed_up:
        token = _log_in(site, credentials)
        return Member(persona=persona, token=token, place=place)
    try:
        answer = site.call(
            "POST", "/v1/accounts", value=credentials, key=ledger.key("account", name)
        )
    except Refused as refusal:
        raise OperatorError(
            f"The demo's account {name} could not be made: {refusal.detail}",
            remedy="If an earlier demo ran from another state directory, run it from there.",
        ) from refusal
    token = answer.token()
    profile = {"display_name": persona.display_name, "bio": persona.bio}
    site.call("PATCH", "/v1/me", token=token, value=profile)
    site.call(
        "PUT", "/v1/me/avatar", token=token, body=render_avatar(persona), content_type="image/png"
    )
    ledger.signed_up.append(name)
    ledger.save()
    return Member(persona=persona, token=token, place=place)


def _log_in(site: Site, credentials: dict[str, str]) -> str:
    try:
        return site.call("POST", "/v1/sessions", value=credentials).token()
    except Refused as refusal:
        raise OperatorError(
            f"The demo cannot log in as {credentials['name']}: {refusal.detail}",
            remedy="This state directory belongs to another database; use the one it was made for.",
        ) from refusal


def meet(site: Site, members: list[Member], creators: list[Persona]) -> Iterator[None]:
    """Let everybody follow some creators, neighbours first; yields after each member."""
    for member in members:
        dice = random.Random(f"follows {member.persona.name}")  # noqa: S311  taste, not secrets
        others = [creator for creator in creators if creator.name != member.persona.name]
        places = {creator.name: place / len(creators) for place, creator in enumerate(creators)}
        others.sort(
            key=lambda other: _distance(member.place, places[other.name]) + dice.random() / 3
        )
        for creator in others[:FOLLOWS_EACH]:
            _try(site, "PUT", f"/v1/accounts/{creator.name}/follow", token=member.token)
        yield


def watch(site: Site, ledger: Ledger, members: list[Member], showing: Showing) -> None:
    """Show one video to the crowd: most watch it, some again, a few skip."""
    if showing.name in ledger.watched:
        return
    for member in members:
        dice = random.Random(f"watches {member.persona.name} {showing.name}")  # noqa: S311
        likes_it = _fondness(member, showing) > 0.25
        watch_ms = (
            showing.duration_ms * (1 + dice.randrange(2)) if likes_it else dice.randint(600, 2600)
        )
        moment = datetime.now(UTC).isoformat()
        events = [
            {
                "id": ledger.key("beacon", kind, member.persona.name, showing.name),
                "video_id": showing.video_id,
                "kind": kind,
                "watch_ms": 0 if kind == "impression" else watch_ms,
                "loops": int(watch_ms // showing.duration_ms) if kind == "watch" else 0,
                "at": moment,
            }
            for kind in ("impression", "watch" if likes_it else "skip")
        ]
        _try(site, "POST", "/v1/beacons", token=member.token, value={"events": events})
    ledger.watched.append(showing.name)
    ledger.save()


def applaud(site: Site, members: list[Member], showing: Showing) -> None:
    """Like, keep and pass on what one is fond of."""
    for member in members:
        if member.persona.name == showing.creator.name:
            continue
        fondness = _fondness(member, showing)
        video = f"/v1/videos/{showing.video_id}"
        if fondness > 0.45:
            _try(site, "PUT", f"{video}/like", token=member.token)
        if fondness > 0.72:
            _try(site, "PUT", f"{video}/bookmark", token=member.token)
        if fondness > 0.85:
            _try(site, "POST", f"{video}/shares", token=member.token)


def talk(site: Site, ledger: Ledger, members: list[Member], showing: Showing) -> None:
    """Say what there is to say; the creator answers, somebody agrees, others like the words."""
    dice = random.Random(f"talks {showing.name}")  # noqa: S311
    audience = [member for member in members if member.persona.name != showing.creator.name]
    creator = next(member for member in members if member.persona.name == showing.creator.name)
    remarks = [*showing.post.remarks, *dice.sample(words.REMARKS, dice.randint(1, 4))]
    for number, remark in enumerate(remarks):
        author = dice.choice(audience)
        key = ledger.key("comment", showing.name, str(number))
        if not _say(site, author, showing, remark, key=key):
            continue
        if dice.random() < 0.4:
            answer = dice.choice(words.ANSWERS)
            reply = ledger.key("answer", showing.name, str(number))
            _say(site, creator, showing, answer, key=reply, parent=key)
        if dice.random() < 0.25:
            echo = ledger.key("echo", showing.name, str(number))
            _say(
                site,
                dice.choice(audience),
                showing,
                dice.choice(words.ECHOES),
                key=echo,
                parent=key,
            )
        for admirer in dice.sample(audience, dice.randint(0, 6)):
            _try(site, "PUT", f"/v1/comments/{key}/like", token=admirer.token)


def _say(
    site: Site, author: Member, showing: Showing, text: str, *, key: str, parent: str | None = None
) -> bool:
    """Comment or reply; False when that is not possible (any more)."""
    path = f"/v1/videos/{showing.video_id}/comments"
    value = {"text": text} | ({"parent_id": parent} if parent else {})
    return _try(site, "POST", path, token=author.token, value=value, key=key)


def _try(
    site: Site, method: str, path: str, *, token: str, value: object = None, key: str = ""
) -> bool:
    """Send a request; False when its object is gone or closed to us, which a demo can live with."""
    try:
        site.call(method, path, token=token, value=value, key=key)
    except Refused as refusal:
        if refusal.status in GONE:
            return False
        raise
    return True


def _fondness(member: Member, showing: Showing) -> float:
    """Return how much a member likes a post, from 0 to 1; always the same."""
    whim = random.Random(f"{member.persona.name} {showing.name}").random()  # noqa: S311
    return 0.55 * (1 - 2 * _distance(member.place, showing.place)) + 0.45 * whim


def _distance(one: float, other: float) -> float:
    """Return the distance on a circle of length 1; at most 0.5."""
    gap = abs(one - other) % 1
    return min(gap, 1 - gap)
