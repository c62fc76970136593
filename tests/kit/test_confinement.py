"""What the sandbox is made of, and that a missing part is said aloud."""

from solstice.kit.confinement import Confinement, Layers, describe_confinement


def test_it_travels_to_the_child_unchanged() -> None:
    """What the parent asks for is what the child applies."""
    wanted = Confinement(
        readable=("/a", "/b"), writable=("/c",), memory_bytes=1, cpu_s=2, file_bytes=3
    )
    assert Confinement.from_json(wanted.to_json()) == wanted


def test_a_complete_sandbox_is_described_in_one_calm_sentence() -> None:
    """Nothing is missing, nobody is alarmed."""
    layers = Layers(landlock_abi=7, has_seccomp=True)
    assert layers.missing == ()
    assert "Landlock ABI 7" in layers.sentence
    assert "WARNING" not in layers.sentence


def test_a_missing_layer_is_a_loud_warning_with_its_remedy() -> None:
    """An operator learns what is missing and what would bring it."""
    sentence = Layers(landlock_abi=0, has_seccomp=False).sentence
    assert sentence.startswith("WARNING")
    assert "Linux 5.13" in sentence
    assert "CONFIG_SECCOMP_FILTER" in sentence


def test_describing_changes_nothing_here() -> None:
    """This process may still open files afterwards."""
    assert describe_confinement() == describe_confinement()
    with open(__file__, encoding="utf-8") as file:  # noqa: PTH123 - the plainest way to look
        assert file.read(3) == '"""'
