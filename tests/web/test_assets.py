"""Static files: named by their build, unmodified where they are somebody else's."""

import hashlib
import json
from pathlib import Path

import pytest

from solstice.web.assets import STATIC
from solstice.web.modules import FEED_MODULES, list_modules
from solstice.web.pages import web_assets
from tests.cast import Person

VENDORED: dict[str, dict[str, str]] = json.loads(
    (STATIC.parent / "vendored.json").read_text(encoding="utf-8")
)


def test_vendored_files_are_the_published_ones() -> None:
    """Every file is the byte-for-byte file of its package, and none lies there unrecorded."""
    found = {
        path.relative_to(STATIC / "vendor").as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in (STATIC / "vendor").rglob("*")
        if path.is_file()
    }
    assert found == {name: entry["sha256"] for name, entry in VENDORED.items()}


def test_vendored_versions_are_the_locked_ones() -> None:
    """What the lock file names is what is served."""
    lock = json.loads((STATIC.parents[2] / "package-lock.json").read_text(encoding="utf-8"))
    for entry in VENDORED.values():
        assert lock["packages"][f"node_modules/{entry['package']}"]["version"] == entry["version"]


async def test_a_file_of_this_build_is_kept_for_ever(anonymous: Person) -> None:
    """Its name changes with its content, so nobody has to ask again."""
    answer = await anonymous.http.get(web_assets().url("styles/tokens.css"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


async def test_a_file_of_another_build_is_served_and_not_kept(anonymous: Person) -> None:
    """During an upgrade two servers differ; a page without its script would help nobody."""
    answer = await anonymous.http.get("/static/000000000000/styles/tokens.css")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


async def test_a_file_travels_compressed_to_who_can_read_it(anonymous: Person) -> None:
    """The first view weighs less than 200 KB only because of this."""
    url = web_assets().url("styles/feed.css")
    squeezed = await anonymous.http.get(url, headers={"accept-encoding": "gzip"})
    plain = await anonymous.http.get(url, headers={"accept-encoding": "identity"})
    assert squeezed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert squeezed.text == plain.text


@pytest.mark.parametrize(
    "path", ["../settings.py", "%2e%2e/settings.py", "..%2fpages.py", "nothing.js"]
)
async def test_nothing_outside_the_folder_is_served(anonymous: Person, path: str) -> None:
    """Names are looked up among what was read at start, never on the disk."""
    answer = await anonymous.http.get(f"/static/{web_assets().build}/{path}")
    assert answer.status_code == 404


def test_the_feed_preloads_exactly_what_it_imports() -> None:
    """A module missing from the list costs a round trip; one too many costs bytes."""
    own = {path for path in FEED_MODULES if path.startswith("scripts/")}
    assert own == {"scripts/start.js", *list_modules("scripts/pages/feed.js")}
    assert all(path in web_assets().files for path in FEED_MODULES)


def test_the_first_view_weighs_less_than_200_kb() -> None:
    """All styles and scripts of the feed, compressed, without the pictures and the clip."""
    assets = web_assets()
    needed = [
        *FEED_MODULES,
        "styles/all/feed.css",
        "texts/en.js",
        "icons/set.svg",
        "icons/mark.svg",
    ]
    weight_bytes = sum(
        len(assets.files[path].gzipped or assets.files[path].body) for path in needed
    )
    assert weight_bytes < 100_000, weight_bytes


def test_no_script_names_another_origin() -> None:
    """No tracker, no third party: our scripts and styles hold no foreign address."""
    for path in [*STATIC.glob("scripts/**/*.js"), *STATIC.glob("styles/*.css")]:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, path
        assert "https://" not in text, path


def test_modules_stay_small() -> None:
    """One file for each element or behaviour: what does not fit a few screens holds two nouns."""
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in _own_files()}
    assert {path.name: lines for path, lines in sizes.items() if lines > 350} == {}


def _own_files() -> list[Path]:
    return [*STATIC.glob("scripts/**/*.js"), *STATIC.glob("styles/*.css")]
