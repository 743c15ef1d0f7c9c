"""Finds every mistake in a policy file and says on which line it stands."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pydantic import BaseModel, JsonValue, ValidationError

from handoff.detection.conditions import ConditionInvalid, compiled
from handoff.detection.document import (
    Connect,
    Disclosed,
    Document,
    Job,
    LearnedModel,
    Part,
    Queue,
    RedactionPart,
    Routing,
    Rule,
    Score,
    ScoreOverrides,
    Storm,
)
from handoff.detection.learned import Learned
from handoff.detection.located import Located, Path
from handoff.domain.reasons import REASONS
from handoff.domain.signal import Listing, Setting
from handoff.signals import SIGNALS

SETTINGS: Final[Mapping[str, Mapping[str, Setting]]] = {
    signal.name: signal.settings for signal in SIGNALS
}
LISTS: Final[Mapping[str, Mapping[str, Listing]]] = {
    signal.name: signal.lists for signal in SIGNALS
}


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ", did you mean `…`?" for the known name most like `name`, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f", did you mean `{close[0]}`?" if close else ""


def check(located: Located) -> Document | None:
    """Return the document, or None with every mistake reported in `located`."""
    document = _parsed(located)
    _check_signals(located)
    _check_score(located)
    _check_rules(located)
    _check_routing(located)
    _check_learned(located, document)
    return None if located.problems else document


def _parsed(located: Located) -> Document | None:
    try:
        return Document.model_validate(located.data)
    except ValidationError as error:
        for mistake in error.errors(include_url=False, include_input=False):
            path = tuple(part for part in mistake["loc"] if part != "[key]")
            located.report(path, _cause(path, mistake["type"], mistake["msg"]))
        return None


def _cause(path: Path, kind: str, message: str) -> str:
    if not path:
        return "a policy is a mapping with `schema`, `name`, …"
    name = str(path[-1])
    if kind == "extra_forbidden":
        return f"unknown key `{name}`{nearest(name, _keys(_part(path[:-1])))}"
    if kind == "missing":
        return f"`{name}` is missing{_EXAMPLES.get(path, '')}"
    if kind == "model_type":
        return f"`{name}`: input should be a mapping: {name}: {{key: value}}"
    return f"`{name}`: {message[:1].lower()}{message[1:]}"


_EXAMPLES: dict[Path, str] = {
    ("schema",): ": a policy begins with `schema: handoff-policy/1`",
    ("name",): ": call it something, as `name: mine`",
}
"""What to write for what every policy needs."""


def _part(path: Path) -> type[Part]:
    parts: dict[tuple[str | int, ...], type[Part]] = {
        ("score",): Score,
        ("rules", "*"): Rule,
        ("jobs", "*"): Job,
        ("jobs", "*", "score"): ScoreOverrides,
        ("storm",): Storm,
        ("redaction",): RedactionPart,
        ("redaction", "destinations", "*"): Disclosed,
        ("routing",): Routing,
        ("routing", "queues", "*"): Queue,
        ("routing", "queues", "*", "connect"): Connect,
    }
    for shape, part in parts.items():
        if len(shape) == len(path) and all(s in ("*", p) for s, p in zip(shape, path, strict=True)):
            return part
    return Document


def _keys(part: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in part.model_fields.items()]


def _mapping(data: JsonValue, *keys: str) -> dict[str, JsonValue]:
    """Return the mapping under `keys`, or an empty one: its wrong type is reported elsewhere."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _check_signals(located: Located) -> None:
    groups: list[Path] = [("signals",)]
    groups += [("jobs", job, "signals") for job in _mapping(located.data, "jobs")]
    for group in groups:
        for name, settings in _mapping(located.data, *map(str, group)).items():
            if name not in SETTINGS:
                located.report((*group, name), f"unknown signal `{name}`{nearest(name, SETTINGS)}")
            elif isinstance(settings, dict):
                for path, cause in _setting_mistakes((*group, name), name, settings):
                    located.report(path, cause)


def _setting_mistakes(
    path: Path, signal: str, settings: Mapping[str, JsonValue]
) -> Iterator[tuple[Path, str]]:
    for key, value in settings.items():
        if cause := _setting_mistake(signal, key, value):
            yield (*path, key), cause


def _setting_mistake(signal: str, key: str, value: JsonValue) -> str | None:
    numbers, lists = SETTINGS[signal], LISTS[signal]
    if key == "enabled":
        return None if isinstance(value, bool) else "`enabled` is true or false"
    if key in lists:
        texts = isinstance(value, list) and all(isinstance(each, str) for each in value)
        return None if texts else f"`{key}` of `{signal}` is a list of texts"
    if key not in numbers:
        hint = nearest(key, [*numbers, *lists, "enabled"])
        return f"signal `{signal}` has no setting `{key}`{hint}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"`{key}` of `{signal}` is a number"
    low, high = numbers[key].low, numbers[key].high
    if not low <= value <= high:
        return f"`{key}` of `{signal}` is {value:g}, out of range {low:g} to {high:g}"
    return None


def _check_score(located: Located) -> None:
    common = _mapping(located.data, "score")
    defaults = {name: Score.model_fields[name].default for name in ("offer_at", "escalate_at")}
    groups: list[Path] = [("score",)]
    groups += [("jobs", job, "score") for job in _mapping(located.data, "jobs")]
    for group in groups:
        own = _mapping(located.data, *map(str, group))
        score = {**defaults, **common, **own}
        offer, escalate = score["offer_at"], score["escalate_at"]
        if not own or not isinstance(offer, int | float) or not isinstance(escalate, int | float):
            continue
        if offer > escalate:
            key = "offer_at" if "offer_at" in own else "escalate_at"
            located.report((*group, key), "`offer_at` is higher than `escalate_at`")


def _check_rules(located: Located) -> None:
    rules = located.data.get("rules") if isinstance(located.data, dict) else None
    ids: dict[str, int] = {}
    for at, rule in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(rule, dict):
            path: Path = ("rules", at)
            _check_id(located, path, rule.get("id"), ids)
            _check_condition(located, (*path, "when"), rule.get("when"))
            _check_reason(located, (*path, "reason"), rule.get("reason"))
            _check_queue(located, (*path, "queue"), rule.get("queue"))
            _check_gate(located, path, rule)


def _check_id(located: Located, path: Path, name: JsonValue, ids: dict[str, int]) -> None:
    if not isinstance(name, str):
        return
    line = located.line((*path, "id"))
    if name in ids:
        located.report((*path, "id"), f"rule id `{name}` is used twice (first on line {ids[name]})")
    if name in SETTINGS:
        located.report((*path, "id"), f"rule id `{name}` is the name of a signal")
    ids.setdefault(name, line)


def _check_condition(located: Located, path: Path, source: JsonValue) -> None:
    if not isinstance(source, str) or not source:
        return
    try:
        compiled(source, SETTINGS, nearest)
    except ConditionInvalid as error:
        for cause in error.causes:
            located.report(path, cause)


def _check_reason(located: Located, path: Path, code: JsonValue) -> None:
    codes = [known for known in REASONS if known != "none"]
    if isinstance(code, str) and code not in codes:
        located.report(path, f"unknown reason code `{code}`{nearest(code, codes)}")


def _check_queue(located: Located, path: Path, queue: JsonValue) -> None:
    queues = _mapping(located.data, "routing", "queues") or {"general": {}}
    if isinstance(queue, str) and queue not in queues:
        located.report(path, f"unknown queue `{queue}`{nearest(queue, queues)}")


def _check_gate(located: Located, path: Path, rule: Mapping[str, JsonValue]) -> None:
    if rule.get("then") in ("forbid", "require"):
        for key in ("queue", "priority", "reason"):
            if rule.get(key) is not None:
                located.report(
                    (*path, key), f"a `{rule['then']}` rule only delays: it has no `{key}`"
                )


def _check_learned(located: Located, document: Document | None) -> None:
    found = document.learned if document else None
    if found is None:
        return
    models: dict[Path, LearnedModel] = {("learned", "model"): found.model}
    models |= {("learned", "jobs", job): model for job, model in found.jobs.items()}
    for path, model in models.items():
        try:
            Learned(model)
        except ValueError as error:
            located.report(path, f"the learned numbers cannot be read: {error}")


def _check_routing(located: Located) -> None:
    routing = _mapping(located.data, "routing")
    default = routing.get("default_queue", "general")
    _check_queue(located, ("routing", "default_queue"), default)
    for code, queue in _mapping(routing, "by_reason").items():
        _check_reason(located, ("routing", "by_reason", code), code)
        _check_queue(located, ("routing", "by_reason", code), queue)
    for name, job in _mapping(located.data, "jobs").items():
        if isinstance(job, dict):
            _check_queue(located, ("jobs", name, "queue"), job.get("queue"))
