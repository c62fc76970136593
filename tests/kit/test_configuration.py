"""One feature's settings: named, typed by its dataclass, refused by name when unusable."""

from dataclasses import dataclass

import pytest

from solstice.kit.configuration import BadConfiguration, name_settings, read_feature


@dataclass(frozen=True, kw_only=True)
class TeaSettings:
    """Every kind of value a setting may have."""

    is_hot: bool = True
    cup_count: int = 2
    steep_s: float = 180.0
    kind: str = "green"
    additions: tuple[str, ...] = ("honey", "lemon")


def read(**given: str) -> TeaSettings:
    """Read the settings of a feature called TEA."""
    settings = read_feature("TEA", TeaSettings, {f"SOLSTICE_{k}": v for k, v in given.items()})
    assert isinstance(settings, TeaSettings)
    return settings


def test_every_field_has_one_variable() -> None:
    """`SOLSTICE_<FEATURE>_<NAME>`, so that one can be guessed from the other."""
    assert name_settings("TEA", TeaSettings) == {
        "is_hot": "SOLSTICE_TEA_IS_HOT",
        "cup_count": "SOLSTICE_TEA_CUP_COUNT",
        "steep_s": "SOLSTICE_TEA_STEEP_S",
        "kind": "SOLSTICE_TEA_KIND",
        "additions": "SOLSTICE_TEA_ADDITIONS",
    }


def test_what_is_not_set_keeps_its_default() -> None:
    """Other features' variables are not looked at."""
    assert read(COFFEE_CUP_COUNT="9") == TeaSettings()


def test_values_have_the_type_their_field_says() -> None:
    """Text from the environment never reaches a feature as text by accident."""
    assert read(
        TEA_IS_HOT="False",
        TEA_CUP_COUNT="3",
        TEA_STEEP_S="90",
        TEA_KIND="black",
        TEA_ADDITIONS="milk,,sugar",
    ) == TeaSettings(
        is_hot=False, cup_count=3, steep_s=90.0, kind="black", additions=("milk", "sugar")
    )


def test_an_empty_list_is_a_list() -> None:
    """Setting the variable to nothing takes the defaults away."""
    assert read(TEA_ADDITIONS="").additions == ()


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("TEA_IS_HOT", "yes"),
        ("TEA_IS_HOT", ""),
        ("TEA_CUP_COUNT", "2.5"),
        ("TEA_CUP_COUNT", "two"),
        ("TEA_STEEP_S", "3 min"),
    ],
)
def test_an_unusable_value_is_refused_with_its_variable(variable: str, text: str) -> None:
    """Guessing what "yes" means is how a switch ends up the wrong way."""
    with pytest.raises(BadConfiguration, match=f"SOLSTICE_{variable}='{text}'"):
        read(**{variable: text})
