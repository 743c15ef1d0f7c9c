"""The connectors of the settings and of their file: which, whose, and where their secrets lie."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from connectors import CONNECTORS, connect
from handoff.domain.connector import Connector, Outbound, hears
from handoff.domain.errors import Invalid
from handoff.domain.webhooks import is_registered
from handoff.settings import Settings, environment

_OWN = ("outbox_dir", "webhook", "desk")
_SECRETS = frozenset({"env", "file"})


class Told(BaseModel):
    """One connector of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connector: str | None = None
    tenant: str | None = Field(default=None, min_length=1, max_length=100)
    endpoint: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,100}$")
    settings: dict[str, JsonValue] = Field(default_factory=dict)


class Document(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connectors: dict[str, Told] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A configured connector: what it is, whose it is, where it calls back, its settings."""

    name: str
    connector: str
    tenant: str | None
    endpoint: str | None
    settings: Mapping[str, JsonValue] = field(repr=False)
    """With its secrets in clear."""


def endpoints_of(file: Path | None) -> tuple[Endpoint, ...]:
    """Return the endpoints of a file, secrets in clear; raise Invalid saying what is wrong."""
    if file is None:
        return ()
    try:
        document = Document.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except OSError as error:
        raise _wrong(file, f"cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, yaml.YAMLError):
        raise _wrong(file, "is no YAML") from None
    except ValidationError as error:
        # Only places and rules: somebody may have written a secret there.
        causes = (f"{'.'.join(map(str, one['loc']))} {one['msg']}" for one in error.errors())
        raise _wrong(file, "; ".join(causes)) from None
    return tuple(_endpoint(file, name, told) for name, told in document.connectors.items())


def connectors_of(
    settings: Settings, ends: Iterable[Endpoint], outbound: Outbound
) -> dict[str, Connector]:
    """Return the connectors that the settings and the file name, the desk first; raise Invalid."""
    told = {name: connect(name, own, outbound) for name, own in _own(settings).items()}
    return told | {each.name: _made(each, outbound) for each in ends}


def webhook_maker(outbound: Outbound) -> Callable[[str, Mapping[str, JsonValue]], Connector]:
    """Return what makes a registered webhook's connector of its id and settings."""
    return lambda name, settings: connect("webhook", settings, outbound, called=name)


def endpoint_paths(settings: Settings, tenant: str) -> dict[str, str]:
    """Return configured connector to the path that its other side calls back at.

    One whose endpoint the file does not name is called back at `tenant`.
    """
    ends = {each.name: each.endpoint or tenant for each in endpoints_of(settings.connectors_file)}
    names = dict.fromkeys((*_own(settings), *ends))
    return {name: f"/v1/callbacks/{name}/{ends.get(name, tenant)}" for name in names}


def _made(each: Endpoint, outbound: Outbound) -> Connector:
    made = connect(each.connector, each.settings, outbound, called=each.name)
    if each.tenant is not None and each.endpoint is None and hears(made):
        raise Invalid(
            f"the connector {each.name!r} needs an endpoint beside its tenant: without one it is"
            " called back at another tenant's"
        )
    return made


def _own(settings: Settings) -> dict[str, dict[str, JsonValue]]:
    """Return connector to its settings, secrets in clear, of those that need no file."""
    told: dict[str, dict[str, JsonValue]] = {"desk": {}}
    if settings.outbox_dir is not None:
        told["outbox_dir"] = {"folder": str(settings.outbox_dir)}
    if settings.webhook_url is not None and settings.webhook_secret is not None:
        secret = settings.webhook_secret.get_secret_value()
        told["webhook"] = {"url": str(settings.webhook_url), "secret": secret}
        more = {
            "secret_before": settings.webhook_secret_before,
            "private_key": settings.webhook_private_key,
        }
        told["webhook"] |= {name: key.get_secret_value() for name, key in more.items() if key}
    return told


def _endpoint(file: Path, name: str, told: Told) -> Endpoint:
    kind = told.connector or name
    if name in _OWN:
        raise _wrong(file, f"{name} has settings of its own; give this one another name")
    if is_registered(name):
        raise _wrong(file, f"{name}: names with wh_ are registered webhooks'; give it another one")
    if kind not in CONNECTORS:
        raise _wrong(file, f"{name}: no connector {kind!r}; there are: {', '.join(CONNECTORS)}")
    settings = {key: _secret(file, f"{name}: {key}", value) for key, value in told.settings.items()}
    return Endpoint(name, kind, told.tenant, told.endpoint, settings)


def _secret(file: Path, key: str, value: JsonValue) -> JsonValue:
    """Return a setting's value; one of `{env: NAME}` or `{file: PATH}` is read from there."""
    if not isinstance(value, dict) or len(value) != 1 or not _SECRETS.issuperset(value):
        return value
    ((kind, place),) = value.items()
    if kind == "env":
        found = environment(str(place))
        if found is None:
            raise _wrong(file, f"{key}: the variable {place} is not set")
        return found
    try:
        return (file.parent / str(place)).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise _wrong(file, f"{key}: the file {place} cannot be read") from None


def _wrong(file: Path, why: str) -> Invalid:
    return Invalid(f"HANDOFF_CONNECTORS_FILE: {file}: {why}")
