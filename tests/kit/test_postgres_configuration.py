"""What the embedded PostgreSQL is told at every start."""

from solstice.kit.postgres_configuration import ACCESS_RULES, render_settings


def read(*, durable: bool = True, **extra: str) -> dict[str, str]:
    """Read the rendered settings as PostgreSQL does: of two lines, the later one counts."""
    text = render_settings(
        port=5433, addresses="127.0.0.1", socket_dir="/run", durable=durable, extra=extra
    )
    pairs = (line.split(" = ", 1) for line in text.splitlines() if " = " in line)
    return {name: value.strip("'") for name, value in pairs}


def test_nothing_acknowledged_is_lost_by_default() -> None:
    """Every commit is on the disk before it is confirmed."""
    settings = read()
    assert settings["fsync"] == "on"
    assert settings["synchronous_commit"] == "on"
    assert "full_page_writes" not in settings


def test_only_a_throwaway_database_is_careless() -> None:
    """Tests need no disk to be waited for; and may still ask for a part of the care."""
    assert read(durable=False)["fsync"] == "off"
    assert read(durable=False, synchronous_commit="on")["synchronous_commit"] == "on"


def test_the_operator_has_the_last_word() -> None:
    """PostgreSQL lets the last line win: the operator's file is read after all of ours."""
    text = render_settings(port=1, addresses="", socket_dir="", durable=True, extra={"a": "b"})
    assert text.splitlines()[-1] == "include_if_exists = 'operator.conf'"


def test_a_quote_in_a_value_stays_inside_it() -> None:
    """Doubled, as PostgreSQL's own files have it."""
    text = render_settings(
        port=1, addresses="", socket_dir="", durable=True, extra={"cluster_name": "it's"}
    )
    assert "cluster_name = 'it''s'\n" in text


def test_over_the_network_the_password_is_always_asked_for() -> None:
    """Only the socket, inside a closed directory, is trusted."""
    rules = [line.split() for line in ACCESS_RULES.splitlines() if not line.startswith("#")]
    assert {rule[-1] for rule in rules if rule[0] == "host"} == {"scram-sha-256"}
    assert [rule for rule in rules if rule[-1] == "trust"] == [["local", "all", "all", "trust"]]
