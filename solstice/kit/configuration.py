"""Read one feature's settings from `SOLSTICE_<FEATURE>_<NAME>`, typed by its dataclass.

Apart from `solstice/settings.py`, which reads all of them, the supervisor uses this for its
own few, so that it need not import any feature.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_type_hints

PREFIX = "SOLSTICE_"


class BadConfiguration(ValueError):
    """A setting is unknown or has a value of the wrong kind."""


def name_settings(feature: str, kind: type[Any]) -> dict[str, str]:
    """Map each field of a settings dataclass to the variable that sets it."""
    return {field.name: f"{PREFIX}{feature}_{field.name.upper()}" for field in fields(kind)}


def read_feature(feature: str, kind: type[Any], environment: Mapping[str, str]) -> Any:
    """Return the feature's settings; what is not set keeps its default.

    Errors: `BadConfiguration` naming the variable, for values of the wrong kind.
    """
    hints = get_type_hints(kind)
    values = {
        field: _parsed(variable, environment[variable], hints[field])
        for field, variable in name_settings(feature, kind).items()
        if variable in environment
    }
    return kind(**values)


def _parsed(name: str, text: str, kind: Any) -> object:
    try:
        if kind is bool:
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        if kind in (int, float, str):
            return kind(text)
        if kind == tuple[str, ...]:
            return tuple(part for part in text.split(",") if part)
    except (KeyError, ValueError):
        pass
    raise BadConfiguration(f"{name}={text!r} is not a usable value ({kind})")
