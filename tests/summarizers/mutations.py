"""True sentences about made-up conversations, and the same sentences with one fact changed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import re2

from handoff.domain.turn import Conversation, Turn
from tests.summarizers.scripts import SCRIPTS, Script
from tests.summarizers.values import KINDS, form

PLACE = re2.compile(r"\{(\w+)\.(\d)(?:\|(\w+))?\}")
SPEAKERS = (("The customer", "The bot"), ("Der Kunde", "Der Bot"), ("El cliente", "El bot"))
SPEAKERS += (("Le client", "Le bot"),)
TURNED = (
    (" was refused ", " was completed "),
    (" was issued ", " was not issued "),
    (" could not be ", " was successfully "),
    (" was reserved ", " could not be reserved "),
    (" wants to ", " does not want to "),
    (" wants the ", " does not want the "),
    (" did not keep ", " kept "),
    (" have never heard ", " have heard "),
    (" ist nicht angekommen", " ist angekommen"),
    (" will kein Geld", " will Geld"),
    (" ist nicht möglich", " ist möglich"),
    (" quiere cancelar", " no quiere cancelar"),
    (" no acepta menos", " acepta menos"),
    (" ne connaît pas ", " connaît "),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence about a conversation: true, or with one thing wrong."""

    conversation: Conversation
    text: str
    turns: tuple[int, ...]
    wrong: str = ""
    """What was changed: the kind of a value, `outcome`, `speaker`, `turn`; empty for the truth."""


def cases(seed: int, rounds: int) -> Iterator[Case]:
    """Yield each true sentence, and its mutations, of every script with `rounds` sets of values."""
    for number in range(rounds):
        for script in SCRIPTS:
            yield from _of(script, random.Random(f"{seed}-{number}-{script.name}"))


def _of(script: Script, chance: random.Random) -> Iterator[Case]:
    values = _values(script, chance)
    talk = Conversation(
        conversation_id=script.name,
        language=script.language,
        turns=tuple(_turn(at, line, values) for at, line in enumerate(script.turns)),
    )
    said = [" ".join((t.text, str(t.tool_call))) for t in talk.turns]
    for line in script.sentences:
        text, _, cited = line.partition(" @ ")
        turns = tuple(map(int, cited.split()))
        truth = _filled(text, values)
        yield Case(talk, truth, turns)
        for place in PLACE.finditer(text):
            key = f"{place.group(1)}.{place.group(2)}"
            other = _another(key, values, chance, " ".join(said[i] for i in turns))
            yield Case(talk, _filled(text, values | {key: other}), turns, place.group(1))
        yield from _turned(talk, truth, turns)
        if PLACE.search(text):
            yield from _elsewhere(talk, truth, turns, chance)


def _turned(talk: Conversation, truth: str, turns: tuple[int, ...]) -> Iterator[Case]:
    for plain, opposite in TURNED:
        if plain in truth:
            yield Case(talk, truth.replace(plain, opposite), turns, "outcome")
    for customer, bot in SPEAKERS:
        for one, other in ((customer, bot), (bot, customer)):
            if truth.startswith(f"{one} ") and len(turns) == 1:
                yield Case(talk, other + truth.removeprefix(one), turns, "speaker")


def _elsewhere(
    talk: Conversation, truth: str, turns: tuple[int, ...], chance: random.Random
) -> Iterator[Case]:
    """Yield the truth with a turn cited that has none of it, and with one that does not exist."""
    yield Case(talk, truth, (*turns[:-1], -1), "turn")
    yield Case(talk, truth, (len(talk.turns) + chance.randrange(5),), "turn")
    spoken = [t for t in talk.turns if t.index not in turns and t.text]
    if short := min(spoken, key=lambda t: len(t.text), default=None):
        yield Case(talk, truth, (short.index or 0,), "turn")


def _values(script: Script, chance: random.Random) -> dict[str, object]:
    found: dict[str, object] = {}
    for line in (*script.turns, *script.sentences):
        for place in PLACE.finditer(line):
            key = f"{place.group(1)}.{place.group(2)}"
            while key not in found:
                value = KINDS[place.group(1)](chance)
                if value not in found.values():
                    found[key] = value
    return found


def _another(key: str, values: dict[str, object], chance: random.Random, said: str) -> object:
    """Return another value of the kind, one that nobody said."""
    kind = key.partition(".")[0]
    while True:
        value = KINDS[kind](chance)
        if value not in values.values() and form(kind, value, None) not in said:
            return value


def _filled(text: str, values: dict[str, object]) -> str:
    for place in list(PLACE.finditer(text)):
        kind, number, shape = place.group(1), place.group(2), place.group(3)
        said = form(kind, values[f"{kind}.{number}"], shape)
        text = text.replace(place.group(), said, 1)
    return text


def _turn(at: int, line: str, values: dict[str, object]) -> Turn:
    who, _, text = _filled(line, values).partition(" ")
    role = {"C": "customer", "B": "bot", "T": "tool"}[who]
    told: dict[str, object] = {"turn_id": str(at), "index": at, "role": role, "text": text}
    if who == "T":
        call, _, result = text.partition("→")
        name, effect, outcome, *pairs = call.split(" ", 3)
        told["text"] = ""
        told["tool_call"] = {
            "name": name,
            "effect": effect,
            "ok": {"done": True, "failed": False, "unknown": None}[outcome],
            "arguments": dict(_pairs(pairs[0] if pairs else "")),
            "result": result.strip() or None,
        }
    return Turn.model_validate(told)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    pieces = text.split("=")
    for at, piece in enumerate(pieces[:-1]):
        name = piece.rpartition(" ")[2]
        value = pieces[at + 1]
        last = at + 2 == len(pieces)
        yield name, value.strip() if last else value.rpartition(" ")[0]
