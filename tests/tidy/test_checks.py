"""Each tidy check can fail: shown once what is wrong, once what is right."""

from tests.tidy import checks
from tests.tidy.source import Source, python_in, read_project


def py(text: str, path: str = "solstice/a/b.py") -> Source:
    return Source(path, text)


def test_a_module_without_docstring_is_found() -> None:
    """An empty file has nothing to say."""
    assert checks.list_missing_docstrings([py("x = 1\n")])
    assert not checks.list_missing_docstrings([py('"""What it is."""\nx = 1\n'), py("")])


def test_a_name_that_says_nothing_is_found() -> None:
    """As a file and as a folder."""
    assert checks.list_vague_names([py("", "solstice/videos/utils.py")])
    assert checks.list_vague_names([py("", "solstice/common/likes.py")])
    assert not checks.list_vague_names([py("", "solstice/community/likes.py")])


def test_leftover_marks_are_found() -> None:
    """As words of their own only."""
    assert checks.list_marks([py("# TO" + "DO: later")]) == [
        "solstice/a/b.py:1 has a leftover mark"
    ]
    assert not checks.list_marks([py("FIXMENTS = 1  # todos los santos")])


def test_machine_paths_and_secrets_are_found() -> None:
    """Each kind once."""
    for secret in (
        "/wo" + "rk/main/solstice",
        "/ho" + "me/ada/x",
        "-----BEGIN RSA PRIVATE" + " KEY-----",
        "AKIA" + "A" * 16,
        "ghp" + "_" + "a" * 36,
    ):
        assert checks.list_secrets([py(secret)]), secret
    assert not checks.list_secrets([py('PATH = "/var/lib/solstice"  # https://a.example/work/x')])


def test_tables_named_outside_query_files_are_found() -> None:
    """Prose about a table is not a use of it."""
    tables = checks.list_tables([Source("m.sql", "CREATE TABLE likes (\nCREATE TABLE videos (")])
    assert tables == {"likes", "videos"}
    statement = py('SQL = "DELETE FROM likes WHERE true"')
    assert checks.list_stray_tables([statement], tables)
    assert not checks.list_stray_tables([py('"""Takes rows FROM likes."""')], tables)
    assert not checks.list_stray_tables([py(statement.text, "solstice/a/queries.py")], tables)


def test_files_without_a_test_are_found() -> None:
    """A mirror or an import will do; thin files and plain tables of facts need neither."""
    behaviour = "def like() -> None: ...\n"
    source = py(behaviour, "solstice/community/likes.py")
    assert checks.list_untested([source], [])
    assert not checks.list_untested([source], [py("", "tests/community/test_likes.py")])
    elsewhere = py("from solstice.community import likes\n", "tests/community/test_acts.py")
    assert not checks.list_untested([source], [elsewhere])
    assert not checks.list_untested([py(behaviour, "solstice/community/act_routes.py")], [])
    assert not checks.list_untested([py("X = 1\n", "solstice/community/words.py")], [])


def test_names_nothing_uses_are_found() -> None:
    """Functions, classes, methods and constants."""
    unused = py("A = 1\nB: int = 2\ndef c(): ...\nclass D:\n    def e(self): ...\n")
    assert len(checks.list_unused_names([unused], [unused])) == 5
    user = py("from x import A, B, c, D\nD().e()\n")
    assert not checks.list_unused_names([unused], [unused, user])


def test_long_functions_are_found_and_their_list_only_shrinks() -> None:
    """New ones, longer ones and forgotten entries each break it."""
    long = py("def f():\n" + "    x = 1\n" * 70)
    found = checks.list_long_functions([long])
    assert found == {"solstice/a/b.py:f": 71}
    assert checks.list_ratchet_breaks(found, {})
    assert checks.list_ratchet_breaks(found, {"solstice/a/b.py:f": 70})
    assert checks.list_ratchet_breaks({}, {"solstice/a/b.py:f": 70})
    assert not checks.list_ratchet_breaks(found, {"solstice/a/b.py:f": 71})


def test_packages_without_a_contract_are_found() -> None:
    """A new package must be given its place."""
    contracts = [{"layers": ["solstice.feed", "solstice.kit | solstice.web"]}]
    assert not checks.list_uncontracted({"kit", "feed", "web"}, contracts)
    assert checks.list_uncontracted({"drills"}, contracts) == ["drills is in no import contract"]


def test_the_project_is_read_whole() -> None:
    """Checks over an empty list would all pass."""
    sources = read_project()
    assert len(python_in(sources, "solstice")) > 100
    assert len(python_in(sources, "tests")) > 50
    assert any(source.path.endswith(".sql") for source in sources)
    assert not any("vendor/" in source.path and ".venv" in source.path for source in sources)
