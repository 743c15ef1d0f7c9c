"""The tables and the diagram of the documents, made from the registries they tell of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from typer.core import TyperGroup

from connectors import CONNECTORS
from connectors import resolve as connector
from handoff.api.fields import About
from handoff.api.figures import OWN, STORED
from handoff.cards import RENDERERS, about, limit, media_type
from handoff.cli.registry import COMMANDS, resolve, summary
from handoff.client import TurnAnswer
from handoff.domain.connector import Moves
from handoff.domain.lifecycle import TRANSITIONS
from handoff.domain.turn import ToolCall, Turn
from handoff.services.report import COLUMNS
from handoff.settings import Settings
from handoff.signals import SIGNALS
from tests.docs.documents import (
    CARDS,
    CONNECTED,
    DETECTION,
    INTEGRATING,
    OPERATING,
    README,
    read,
)


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
    says, _, _ = " ".join((kind.__doc__ or "").split()).partition(" Duplicates:")
    return _code(name), says, ", ".join(sorted(kind.moves))


def moves() -> str:
    """Return a row per thing that is moved: the connectors that move it."""
    rows = (
        (_code(kind.value), ", ".join(_code(n) for n in CONNECTORS if kind in connector(n).moves))
        for kind in Moves
    )
    return _table(("what", "is moved by"), rows)


def headlines() -> str:
    """Return the figures that README shows, as they stand in the documents that have all."""
    shown = (_measured(document, what) for document, what in HEADLINES)
    return _table(("measure", "found", "bound"), shown)


def _measured(document: Path, what: str) -> list[str]:
    rows = [line for line in read(document).splitlines() if line.startswith(f"| {what} |")]
    if len(rows) != 1:
        raise ValueError(f"{document} has {len(rows)} rows about {what}")
    return [cell.strip() for cell in rows[0].strip("|").split("|")]


def connector_settings() -> str:
    """Return a table per connector that has settings: each one's name, default, description."""
    told = ((name, connector(name).Config) for name in CONNECTORS)
    return "\n\n".join(
        f"### Settings of `{name}`\n\n{_settings(config, '', 'setting')}"
        for name, config in told
        if config.model_fields
    )


def answer() -> str:
    """Return a row per field of a turn's answer: its name, its description."""
    told = TurnAnswer.model_fields.items()
    return _table(("field", "tells"), ((_code(n), f.description or "") for n, f in told))


def settings() -> str:
    """Return a row per setting: its variable, its default, its description."""
    return _settings(Settings, str(Settings.model_config["env_prefix"]), "variable")


def fields(model: type[BaseModel]) -> Callable[[], str]:
    """Return what makes a row per field: its name, its default, its description."""
    return lambda: _settings(model, "", "field", "what it is")


def _settings(model: type[BaseModel], prefix: str, head: str, says: str = "what it sets") -> str:
    rows = (
        (
            _code(f"{prefix}{name.upper()}" if prefix else name),
            "needed" if field.is_required() else _default(model, name),
            field.description or "",
        )
        for name, field in model.model_fields.items()
    )
    return _table((head, "default", says), rows)


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


HEADLINES = (
    (DETECTION, "request for a person, bitext: F1"),
    (DETECTION, "false alarms, banking77"),
    (DETECTION, "escalated by the shipped policy, getgoing"),
    (DETECTION, "tau-airline, failed or handed off, shipped policy: AUC"),
    (DETECTION, "betold, learned: caller asks to be forwarded or hangs up: AUC"),
    (CARDS, "tau-airline, handed off: identifiers in the text form"),
    (CARDS, "… in the summary that gpt-4o passed on itself"),
    (CARDS, "claims that the turns they cite do not bear out"),
    (CARDS, "multidogo, slots told: values under a fitting name"),
    (CARDS, "multidogo, from words only"),
    (CARDS, "… secrets shown, both ways"),
    (OPERATING, "card and its text form, 50 turns"),
    (OPERATING, "durable turns over HTTP, 16 connections"),
    (OPERATING, "opening on 24 turns until a loopback webhook has it, p50"),
)
"""Document and measure of each figure in README, those that missed their bound among them."""

Parts = dict[str, Callable[[], str]]
FILES: dict[Path, Parts] = {
    README: {"moves": moves, "headlines": headlines},
    INTEGRATING: {
        "turn": fields(Turn),
        "tool": fields(ToolCall),
        "about": fields(About),
        "answer": answer,
        "lifecycle": lifecycle,
    },
    OPERATING: {
        "commands": commands,
        "settings": settings,
        "figures": figures,
        "metrics": metrics,
    },
    DETECTION: {"signals": signals},
    CARDS: {"forms": forms},
    CONNECTED: {"connectors": connectors, "settings": connector_settings},
}
"""Document to its parts: a marker to what stands between it and its end marker."""


def written(text: str, parts: Mapping[str, Callable[[], str]]) -> str:
    """Return a file's text with every part made anew; raise ValueError for one it has not."""
    for name, make in parts.items():
        before, begin, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        if not (begin and end):
            raise ValueError(f"there is no part {name}")
        text = f"{before}{begin}{make()}\n{end}{after}"
    return text
