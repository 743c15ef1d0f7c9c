"""CEL conditions of policy rules: compiled once, checked for unknown names, evaluated per turn."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import cel
import re2
from pydantic import JsonValue

from handoff.domain.turn import Turn

VARIABLES: Final = ("attributes", "job", "score", "signals", "slots", "turn")
TURN_FIELDS: Final = (
    "role",
    "text",
    "intent",
    "confidence",
    "recognition_confidence",
    "index",
    "input",
    "language",
    "latency_ms",
    "tool",
    "ok",
    "arguments",
)
FUNCTIONS: Final = frozenset(
    (
        *(
            "size",
            "contains",
            "startsWith",
            "endsWith",
            "matches",
            "has",
            "max",
            "min",
            "type",
            "dyn",
        ),
        *("int", "uint", "double", "string", "bytes", "bool", "timestamp", "duration"),
        *("all", "exists", "exists_one", "map", "filter"),
        *("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"),
        *("getHours", "getMinutes", "getSeconds", "getMilliseconds"),
    )
)
"""What CEL itself offers; the engine would call anything else unknown only when it gets there."""

_STRINGS: Final = re2.compile(
    r"""(\b(?:signals|turn)\s*\[\s*)?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
)
_MEMBERS: Final = re2.compile(
    r"""(?:^|[^.\w])(signals|turn)\s*(?:\.\s*([A-Za-z_]\w*)(\s*\()?|\[\s*["']([^"']*)["']\s*\])"""
)
_USES: Final = re2.compile(r"(?:^|[^.\w])(?:signals|turn)\b")
BOUND: Final = re2.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*([A-Za-z_]\w*)\s*,")
"""A name that a condition gives the members of something, as `x` in `turns.exists(x, …)`."""
_WORD: Final = re2.compile(r"^[A-Za-z_]\w*$")


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition and what it looks at."""

    source: str
    program: cel.Program
    variables: frozenset[str]
    signals: frozenset[str] | None
    """The signals it names; None where it looks at all of them."""
    idle: bool | None
    """Its value while none of its signals fired; None where it looks at anything else too."""

    def holds(self, context: cel.Context) -> bool:
        """Return whether it is true; raises ValueError with the cause where it has no answer."""
        try:
            value = self.program.execute(context)
        except KeyError as error:
            raise ValueError(f"no such key: {error.args[0] if error.args else error}") from None
        except Exception as error:  # noqa: BLE001 # the engine raises what the condition makes it
            raise ValueError(str(error).split(". ")[0][:160]) from None
        if not isinstance(value, bool):
            raise ValueError(f"gave {type(value).__name__}, not true or false")  # noqa: TRY004 # of the condition, not of an argument
        return value


class ConditionInvalid(ValueError):
    """A condition does not compile or names what does not exist; `causes` says what."""

    def __init__(self, causes: list[str]) -> None:
        """Keep every cause."""
        super().__init__("; ".join(causes))
        self.causes = causes


def compiled(
    source: str, signals: Iterable[str], nearest: Callable[[str, Iterable[str]], str]
) -> Condition:
    """Return `source` compiled; raises ConditionInvalid with every mistake found in it.

    `nearest(name, known)` words the hint for an unknown name.
    """
    try:
        program = cel.compile(source)
    except ValueError as error:
        raise ConditionInvalid([f"not CEL: {_first_cause(str(error))}"]) from None
    except BaseException as error:  # the parser is native code and may panic
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        raise ConditionInvalid(["not CEL"]) from None
    known = frozenset(signals)
    bare = _STRINGS.sub(lambda found: found[0] if found[1] else '""', source)
    # What is followed by a parenthesis is called on the map (`signals.exists(…)`), not in it.
    members = [
        (owner, dotted or quoted)
        for owner, dotted, call, quoted in _MEMBERS.findall(bare)
        if not call
    ]
    causes = [*_unknown(program, source, nearest), *_unknown_members(members, known, nearest)]
    if causes:
        raise ConditionInvalid(causes)
    variables = frozenset(program.variables()) & frozenset(VARIABLES)
    named = frozenset(name for owner, name in members if owner == "signals")
    whole = len(members) < len(_USES.findall(bare))
    condition = Condition(source, program, variables, None if whole else named, None)
    if whole or not variables <= {"signals"}:
        return condition
    return Condition(source, program, variables, named, _idle(condition, named))


def _idle(condition: Condition, named: frozenset[str]) -> bool | None:
    try:
        return condition.holds(cel.Context({"signals": dict.fromkeys(named, 0.0)}))
    except ValueError:
        return None


def _unknown(
    program: cel.Program, source: str, nearest: Callable[[str, Iterable[str]], str]
) -> Iterable[str]:
    bound = set(BOUND.findall(source))
    for name in program.variables():
        if name not in VARIABLES and name not in bound and not name.startswith("@"):
            yield f"unknown name `{name}`{nearest(name, VARIABLES)}"
    for name in program.functions():
        if _WORD.search(name) and not name.startswith("_") and name not in FUNCTIONS:
            yield f"unknown function `{name}`{nearest(name, FUNCTIONS)}"


def _unknown_members(
    members: Iterable[tuple[str, str]],
    signals: frozenset[str],
    nearest: Callable[[str, Iterable[str]], str],
) -> Iterable[str]:
    for owner, name in dict.fromkeys(members):
        if owner == "signals" and name not in signals:
            yield f"unknown signal `{name}`{nearest(name, signals)}"
        if owner == "turn" and name not in TURN_FIELDS:
            yield f"a turn has no `{name}`{nearest(name, TURN_FIELDS)}"


def _first_cause(message: str) -> str:
    """Return the parser's own words without its drawing of the line."""
    _, _, cause = message.partition("ERROR: ")
    line = (cause or message).splitlines()[0].removeprefix("<input>:")
    return line.partition(" expecting ")[0][:160]


def turn_fields(turn: Turn, text: str, index: int) -> dict[str, JsonValue]:
    """Return a turn as conditions see it; what the runtime did not say is null."""
    call = turn.tool_call
    return {
        "role": turn.role.value,
        "text": text,
        "intent": turn.intent,
        "confidence": turn.confidence,
        "recognition_confidence": turn.recognition_confidence,
        "index": index,
        "input": None if turn.input is None else turn.input.value,
        "language": turn.language,
        "latency_ms": turn.latency_ms,
        "tool": None if call is None else call.name,
        "ok": None if call is None else call.ok,
        "arguments": {} if call is None else dict(call.arguments),
    }


def context(needed: frozenset[str], values: Mapping[str, Callable[[], JsonValue]]) -> cel.Context:
    """Return a context with the variables that are needed; the others are never computed."""
    return cel.Context({name: values[name]() for name in VARIABLES if name in needed})
