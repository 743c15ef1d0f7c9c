"""No connector's secret is in what a debugger, a traceback or a log line prints of its parts."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from handoff.domain.standard_webhooks import key_of
from handoff.endpoints import Endpoint
from tests.contracts.rigs import RIGS


def parts(thing: object, depth: int = 3) -> Iterator[object]:
    """Yield a thing of ours and what it is made of."""
    yield thing
    names = [*vars(thing)] if hasattr(thing, "__dict__") else [*getattr(thing, "__slots__", ())]
    for name in names if depth else ():
        value = getattr(thing, name)
        if type(value).__module__.startswith(("connectors", "handoff")):
            yield from parts(value, depth - 1)


def secrets(thing: object) -> Iterator[str]:
    """Yield the secrets of a configuration, and the key that one of them spells."""
    for value in vars(thing).values():
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
            if value.get_secret_value().startswith("whsec_"):
                yield repr(key_of(value))


@pytest.mark.parametrize("name", sorted(RIGS))
def test_what_is_printed_has_no_secret(tmp_path: Path, name: str) -> None:
    """Of the connector and of everything that it keeps."""
    with RIGS[name](tmp_path / "out") as rig:
        made = list(parts(rig.connector))
        known = [each for one in made if hasattr(one, "model_fields_set") for each in secrets(one)]
        told = [repr(one) for one in made if is_dataclass(one) or hasattr(one, "model_fields_set")]

    assert [one for one in told if any(secret in one for secret in known if len(secret) > 3)] == []


def test_an_endpoint_prints_none_of_its_settings() -> None:
    """They are in clear by then."""
    assert "tok" not in repr(Endpoint("x", "slack", None, None, {"token": "tok-1"}))
