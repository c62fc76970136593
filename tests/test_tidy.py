"""The code itself, checked: what a reviewer would otherwise have to notice every time.

Exceptions stand here, each with its reason; the lists may shrink and should not grow.
"""

import hashlib
import json
import tomllib

from tests.tidy import checks
from tests.tidy.source import ROOT, python_in, read_project

SOURCES = read_project()
PRODUCT = python_in(SOURCES, "solstice")
TESTS = python_in(SOURCES, "tests")
SCRIPTS = python_in(SOURCES, "bench", "bin", "docs")

TABLES_NAMED_ELSEWHERE: dict[str, str] = {
    "solstice/accounts/allowances.py": "one rule as one SQL expression, in both its statements",
}
DRIVEN_BY: dict[str, str] = {
    "solstice/accounts/allowances.py": "tests/accounts/test_log_in.py",
    "solstice/accounts/avatar_child.py": "tests/accounts/test_avatars.py",
    "solstice/accounts/cookies.py": "tests/security/test_cookies.py",
    "solstice/accounts/devices.py": "tests/accounts/test_log_in.py",
    "solstice/accounts/doorman.py": "tests/security/test_cross_site.py",
    "solstice/accounts/erased.py": "tests/community/test_routes.py",
    "solstice/accounts/password_change.py": "tests/accounts/test_sessions.py",
    "solstice/accounts/providers.py": "tests/security/test_permissions.py",
    "solstice/accounts/running.py": "tests/accounts/test_sessions.py",
    "solstice/admission/report.py": "tests/admission/test_middleware.py",
    "solstice/demo/command.py": "tests/acceptance/test_demo.py",
    "solstice/demo/crowd.py": "tests/acceptance/test_demo.py",
    "solstice/demo/scenes/": "tests/demo/test_scenes.py",
    "solstice/demo/uploads.py": "tests/acceptance/test_demo.py",
    "solstice/edge/replies.py": "tests/edge/test_configuration.py",
    "solstice/feed/asking.py": "tests/feed/test_for_you.py",
    "solstice/feed/cards.py": "tests/feed/test_refresh.py",
    "solstice/feed/composition.py": "tests/feed/test_for_you.py",
    "solstice/feed/flushing.py": "tests/feed/test_beacons.py",
    "solstice/feed/marks.py": "tests/feed/test_for_you.py",
    "solstice/feed/outbox.py": "tests/feed/test_beacons.py",
    "solstice/feed/regions.py": "tests/feed/test_ranking.py",
    "solstice/feed/running.py": "tests/feed/test_snapshot.py",
    "solstice/feed/shared_queues.py": "tests/feed/test_for_you.py",
    "solstice/feed/views.py": "tests/feed/test_beacons.py",
    "solstice/kit/detached.py": "tests/kit/test_processes.py",
    "solstice/kit/media.py": "tests/videos/test_cards.py",
    "solstice/kit/spawning.py": "tests/kit/test_processes.py",
    "solstice/up/": "tests/acceptance/test_up.py",
    "solstice/videos/captions.py": "tests/videos/test_studio.py",
    "solstice/videos/covers.py": "tests/videos/test_studio.py",
    "solstice/videos/editing.py": "tests/videos/test_studio.py",
    "solstice/videos/export.py": "tests/videos/test_studio.py",
    "solstice/kit/launch.py": "tests/kit/test_sandbox.py",
    "solstice/videos/limits.py": "tests/videos/test_studio.py",
    "solstice/videos/originals.py": "tests/videos/test_processing.py",
    "solstice/videos/packets.py": "tests/videos/test_probing.py",
    "solstice/videos/probing_child.py": "tests/videos/test_probing.py",
    "solstice/videos/publication.py": "tests/videos/test_processing.py",
    "solstice/videos/receiving.py": "tests/videos/test_uploads.py",
    "solstice/web/feed_page.py": "tests/web/test_first_clip.py",
    "solstice/web/gone.py": "tests/web/test_pages.py",
    "solstice/web/manifest.py": "tests/web/test_pages.py",
    "solstice/web/sources.py": "tests/web/test_pages.py",
    "solstice/web/worker.py": "tests/web/test_pages.py",
}
"""Files whose behaviour shows only from outside, over HTTP or in a child: the test that does it."""

USED_WITHOUT_BEING_NAMED: dict[str, str] = {
    "solstice/kit/serving.py defines _init_shared_socket": "called by granian",
}
LONG_FUNCTIONS: dict[str, int] = {}


def excepted(findings: list[str], exceptions: dict[str, str]) -> list[str]:
    """Leave out what has a reason; a reason for nothing is itself a finding."""
    unneeded = [f"{key}: not needed any more" for key in exceptions if not _hits(findings, key)]
    return [
        finding for finding in findings if not any(finding.startswith(key) for key in exceptions)
    ] + unneeded


def _hits(findings: list[str], key: str) -> bool:
    return any(finding.startswith(key) for finding in findings)


def test_every_module_says_what_it_is() -> None:
    """In a docstring; tests too, since they are read as the specification."""
    assert checks.list_missing_docstrings([*PRODUCT, *TESTS, *SCRIPTS]) == []


def test_no_file_is_named_for_a_place_to_put_things() -> None:
    """Such files only grow."""
    assert checks.list_vague_names([*PRODUCT, *TESTS, *SCRIPTS]) == []


def test_nothing_is_left_to_do() -> None:
    """In any language we write; vendored files are not ours."""
    prose = (".md", ".json")
    own = [
        source
        for source in SOURCES
        if "/vendor/" not in source.path and not source.path.endswith(prose)
    ]
    assert checks.list_marks(own) == []


def test_no_machine_and_no_secret_is_named() -> None:
    """In any file."""
    assert checks.list_secrets(SOURCES) == []


def test_only_query_files_name_tables() -> None:
    """So that who touches a table can be told from file names."""
    migrations = [source for source in SOURCES if source.path.startswith("migrations/")]
    tables = checks.list_tables(migrations)
    assert len(tables) > 20
    findings = checks.list_stray_tables(PRODUCT, tables)
    assert excepted(findings, TABLES_NAMED_ELSEWHERE) == []


def test_every_file_with_behaviour_has_its_test() -> None:
    """Beside it in the mirror tree, one that imports it, or one named in `DRIVEN_BY`."""
    assert excepted(checks.list_untested(PRODUCT, TESTS), DRIVEN_BY) == []
    assert {path for path in DRIVEN_BY.values() if not (ROOT / path).is_file()} == set()


def test_every_name_is_used() -> None:
    """By the product, a template or a script; being tested is not being used."""
    users = [source for source in SOURCES if not source.path.startswith(("tests/", "docs/"))]
    assert excepted(checks.list_unused_names(PRODUCT, users), USED_WITHOUT_BEING_NAMED) == []


def test_functions_fit_on_a_screen() -> None:
    """Sixty lines; the list of those that do not may only shrink."""
    found = checks.list_long_functions([*PRODUCT, *SCRIPTS])
    assert checks.list_ratchet_breaks(found, LONG_FUNCTIONS) == []


def test_every_package_has_its_place_in_the_import_contract() -> None:
    """And the layers are in the order the architecture says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    packages = {path.parent.name for path in (ROOT / "solstice").glob("*/__init__.py")}
    assert checks.list_uncontracted(packages, contracts) == []
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    features = ("web", "feed", "community", "videos", "accounts", "kit")
    places = [layers.index(f"solstice.{feature}") for feature in features]
    assert places == sorted(places)


def test_vendored_files_are_the_ones_that_were_reviewed() -> None:
    """Not one byte differs, none is missing, none is there without being listed."""
    web = ROOT / "solstice" / "web"
    listed = json.loads((web / "vendored.json").read_text())
    folder = web / "static" / "vendor"
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.*")}
    there |= {path.relative_to(folder).as_posix(): path for path in folder.rglob("LICENSE")}
    hashes = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()}
    assert len(hashes) > 3
    assert hashes == {name: entry["sha256"] for name, entry in listed.items()}
