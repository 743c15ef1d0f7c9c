"""The tables and the diagram of the documents, made from the registries they tell of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from typer.core import TyperGroup

from connectors import CONNECTORS
from connectors import resolve as connector
from handoff.api.figures import OWN, STORED
from handoff.cards import RENDERERS, about, limit, media_type
from handoff.cli.registry import COMMANDS, resolve, summary
from handoff.domain.lifecycle import TRANSITIONS
from handoff.services.report import COLUMNS
from handoff.settings import Settings
from handoff.signals import SIGNALS
from tests.docs.documents import CONNECTED, README


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def _code(text: object) -> str:
    return f"`{text}`"


def signals() -> str:
    """Return a row per signal: name, what it says, its settings with their defaults."""
    rows = (
        (
            _code(signal.name),
            signal.explains,
            signal.fails,
            ", ".join(
                [f"`{name}` {s.default:g}" for name, s in signal.settings.items()]
                + [f"`{name}` {' '.join(s.default) or 'none'}" for name, s in signal.lists.items()]
            ),
        )
        for signal in SIGNALS
    )
    return _table(("signal", "says", "how it fails", "settings (default)"), rows)


def connectors() -> str:
    """Return a row per connector: what it does, what it moves."""
    return _table(("connector", "does", "moves"), map(_connector, CONNECTORS))


def _connector(name: str) -> tuple[str, str, str]:
    kind = connector(name)
    moves = ", ".join(sorted(getattr(kind, "moves", ())))
    says = " ".join((kind.__doc__ or "").split("\n\n")[0].split())
    return _code(name), says, moves


def connector_settings() -> str:
    """Return a table per connector that has settings: each one's name, default, description."""
    told = ((name, connector(name).Config) for name in CONNECTORS)
    return "\n\n".join(
        f"### Settings of `{name}`\n\n{_settings(config, '', 'setting')}"
        for name, config in told
        if config.model_fields
    )


def settings() -> str:
    """Return a row per setting: its variable, its default, its description."""
    return _settings(Settings, str(Settings.model_config["env_prefix"]), "variable")


def _settings(model: type[BaseModel], prefix: str, head: str) -> str:
    rows = (
        (
            _code(f"{prefix}{name.upper()}" if prefix else name),
            "needed" if field.is_required() else _default(model, name),
            field.description or "",
        )
        for name, field in model.model_fields.items()
    )
    return _table((head, "default", "what it sets"), rows)


def _default(model: type[BaseModel], name: str) -> str:
    value = model.model_fields[name].get_default(call_default_factory=True)
    return "" if value in (None, "", PydanticUndefined, {}, ()) else _code(str(value))


def forms() -> str:
    """Return a row per card form: its name, what it is, what it may hold, its media type."""
    rows = ((_code(f), about(f), limit(f), _code(media_type(f))) for f in RENDERERS)
    return _table(("form", "is", "may hold", "media type"), rows)


def commands() -> str:
    """Return a row per command, those with parts in their parts."""
    rows = []
    for name in COMMANDS:
        command = resolve(name)
        parts = f" {'|'.join(command.commands)}" if isinstance(command, TyperGroup) else ""
        rows.append((_code(f"handoff {name}{parts}"), summary(name)))
    return _table(("command", "does"), rows)


def figures() -> str:
    """Return a row per figure of the transfers report: its name and definition."""
    return _table(("figure", "is"), ((_code(name), text) for name, text in COLUMNS.items()))


def metrics() -> str:
    """Return a row per figure of /metrics: its name, its kind, its label, what it tells."""
    rows = (
        (_code(name), figure.kind, _code(figure.label) if figure.label else "", figure.tells)
        for name, figure in (STORED | OWN).items()
    )
    return _table(("metric", "kind", "label", "tells"), rows)


def lifecycle() -> str:
    """Return the lifecycle as a Mermaid state diagram: an arrow per pair of states."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (origin, move), transition in TRANSITIONS.items():
        arrows.setdefault((origin.value, transition.target.value), []).append(move.value)
    lines = (f"    {a} --> {b}: {', '.join(moves)}" for (a, b), moves in arrows.items())
    return "\n".join(
        ("```mermaid", "stateDiagram-v2", "    [*] --> queued", *lines, "    closed --> [*]", "```")
    )


PARTS: dict[str, Callable[[], str]] = {
    "signals": signals,
    "connectors": connectors,
    "settings": settings,
    "forms": forms,
    "commands": commands,
    "figures": figures,
    "metrics": metrics,
    "lifecycle": lifecycle,
}
"""Marker in README to what stands between it and its end marker."""

FILES: dict[Path, dict[str, Callable[[], str]]] = {
    README: PARTS,
    CONNECTED: {"settings": connector_settings},
}
"""File to its parts."""


def written(text: str, parts: Mapping[str, Callable[[], str]]) -> str:
    """Return a file's text with every part made anew; raise ValueError for one it has not."""
    for name, make in parts.items():
        before, begin, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        if not (begin and end):
            raise ValueError(f"there is no part {name}")
        text = f"{before}{begin}{make()}\n{end}{after}"
    return text
