"""The environment's variables that are the settings: their names, and what is wrong with them."""

import os
from collections.abc import Sequence
from difflib import get_close_matches
from functools import partial
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from handoff.settings import PREFIX, Settings

LONGEST = 60
"""Characters of a wrong value that are shown."""


def variable(field: str) -> str:
    """Return the environment variable that sets a field."""
    return f"{PREFIX}{field}".upper()


def mistakes(error: ValidationError) -> str:
    """Return what is wrong in a sentence each: the variable, its value and what it should be."""
    return "; ".join(_mistake(one) for one in error.errors())


def _mistake(error: Any) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    field = Settings.model_fields.get(name)
    rule = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    if field is None:
        return f"there is no setting {name!r}" if name else rule
    open_ = not name.endswith(("secret", "url", "key"))
    given = f" is {str(error['input'])[:LONGEST]!r}: it" if open_ else ":"
    rule = rule.partition(", unable")[0]
    return f"{variable(name)}{given} {rule} ({field.description})"


def not_json(error: SettingsError) -> str:
    """Return in a sentence which variable is no JSON."""
    name = next((name for name in Settings.model_fields if f'"{name}"' in str(error)), "")
    if not name:
        return str(error)
    return f"{variable(name)} is not JSON ({Settings.model_fields[name].description})"


def unknown_variables() -> tuple[str, ...]:
    """Return the environment's HANDOFF_ variables that set nothing, each with what was meant."""
    known = [variable(name) for name in Settings.model_fields]
    unknown = (n for n in os.environ if n.startswith(PREFIX) and n.upper() not in known)
    return tuple(sorted(map(partial(_meant, known), unknown)))


def _meant(known: Sequence[str], name: str) -> str:
    near = get_close_matches(name.upper(), known, 1, 0.85)
    return f"{name} ({near[0]}?)" if near else name
