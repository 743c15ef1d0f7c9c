"""Gather the facts: what was said, used in calls, told and returned, as entries of a ledger."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from handoff.cards.attempts import attempts
from handoff.cards.corrections import Event, mark_superseded
from handoff.cards.ledger import Entry, Ledger, Source
from handoff.cards.names import (
    GENERIC,
    is_money,
    is_secret,
    is_verifier,
    name_words,
    path_name,
    readable,
)
from handoff.cards.phrases import CORRECTION, FAULT, REFERENCE_NOUNS, REJECTS
from handoff.cards.reading import LONG_ARGUMENT, Call, Mention, Reading, Slots, index_of
from handoff.cards.records import told_of
from handoff.cards.results import Leaf
from handoff.domain.effects import effect_of, is_thought, says_the_mode
from handoff.domain.extracts import encodable, flow, value_key, words
from handoff.domain.identifiers import Kind, distinctive
from handoff.domain.turn import Effect, Role

_SLOT_SOURCE = {Role.CUSTOMER: Source.SAID, Role.SYSTEM: Source.RETURNED, Role.TOOL: Source.USED}
_LONGEST_VALUE = 100
_LONGEST_ANSWER = 1_000
"""Characters of a failed call's answer that are read for what it refused."""
_NAMES_OF_A_VALUE = 50
_LONG_KEY = 5
"""Characters beyond which several words mean one thing only."""
_SHORT_KEY = 3
"""Characters up to which a value says little: it counts only right beside its name."""
_ANYWAY = frozenset({Kind.REFERENCE, Kind.EMAIL, Kind.PHONE, Kind.MONEY})
"""Kinds kept whoever said them; dates and times only of the customer, since bots read out lists."""


@dataclass(slots=True)
class Returned:
    """A value that successful results returned under one name, and the turns of first and last."""

    name: str
    leaf: Leaf
    key: str
    first: int
    last: int


Results = dict[str, dict[str, Returned]]
"""Value key to name to what was returned."""


def gather(reading: Reading) -> Ledger:
    """Return every value of the conversation with its sources; superseded ones are marked."""
    ledger = Ledger()
    mark_superseded(list(_state(reading, ledger)))
    _hear(reading, ledger)
    mark_superseded(list(_note_spoken(reading, ledger)))
    results = _returned(reading.calls)
    _confirm(ledger, results)
    heard = tuple(attempts(reading.turns))
    checked = {turn for item in heard if is_verifier(item.name) for turn in item.turns}
    _note_mentions(reading, ledger, results, checked)
    _note_used_results(reading, ledger, results)
    _note_records(reading, ledger)
    for item in heard:
        if entry := ledger.note(item.name, item.value, Source.SAID, *item.turns):
            entry.alternatives = item.alternatives
    return ledger


def _state(reading: Reading, ledger: Ledger) -> Iterator[Event]:
    """Note slots and arguments in the order of the turns and yield them as events."""
    calls, slots = iter(reading.calls), iter(reading.slots)
    for turn in reading.turns:
        if turn.slots:
            source = _SLOT_SOURCE.get(turn.role, Source.TOLD)
            corrects = bool(CORRECTION(turn.text))
            for event in _note_leaves(ledger, next(slots).leaves, source, index_of(turn)):
                yield replace(event, corrects=corrects)
        if turn.tool_call is not None:
            call = next(calls)
            if not call.is_transfer:
                yield from _note_call(ledger, call)


def _note_call(ledger: Ledger, call: Call) -> Iterator[Event]:
    writes = effect_of(call.call) is Effect.WRITE and call.call.ok is not False
    if is_thought(call.call.name):
        return
    for event in _note_leaves(ledger, call.arguments, Source.USED, call.index):
        for entry in event.entries:
            entry.written = entry.written or writes
            if call.call.ok is True:
                entry.refused = False
            elif call.call.ok is False and _refuses(call, entry):
                entry.refused = True
        yield event


def _refuses(call: Call, entry: Entry) -> bool:
    """Tell whether a failed call did not take this value: its answer names it, or rejects the one.

    An answer that blames the system refuses nothing.
    """
    answer = encodable(str(call.returned or "")[:_LONGEST_ANSWER])
    if not answer or FAULT(answer):
        return False
    said = flow(answer)
    if any(flow(str(leaf.value)) in said for leaf in call.arguments):
        return flow(str(entry.value)) in said
    alone = len(call.arguments) == 1 and bool(REJECTS(answer))
    return alone or flow(readable(entry.name)) in said


def _note_leaves(
    ledger: Ledger, found: Iterable[Leaf], source: Source, turn: int
) -> Iterator[Event]:
    noted: dict[str, list[Entry]] = {}
    for leaf in found:
        name = path_name(leaf.path)
        if len(str(leaf.value)) > LONG_ARGUMENT or is_secret(name):
            continue
        if source is not Source.SAID and says_the_mode(leaf.path[-1], leaf.value):
            continue
        if entry := ledger.note(name, leaf.value, source, turn):
            noted.setdefault(readable(name).casefold(), []).append(entry)
    for name, entries in noted.items():
        yield Event(name, source, tuple(entries))


def _note_spoken(reading: Reading, ledger: Ledger) -> Iterator[Event]:
    """Note what was only spoken, unless a slot or a call has the value; yield the named ones."""
    said = [turn for turn in reading.turns if turn.text]
    some = CORRECTION("\n".join(turn.text for turn in said))  # one look spares most conversations
    corrects = {index_of(turn) for turn in said if some and CORRECTION(turn.text)}
    known = {entry.key for entry in ledger}
    slots = {slot.index: [str(leaf.value) for leaf in slot.leaves] for slot in reading.slots}
    for item in reading.spoken:
        if value_key(item.value) in known or is_secret(item.name):
            continue
        if any(_overlap(item.value, value) for value in slots.get(item.turn, ())):
            continue
        source = Source.LOOKED if item.guessed else Source.SAID
        entry = ledger.note(item.name, item.value, source, item.turn)
        if entry and not item.guessed:
            yield Event(item.name, source, (entry,), corrects=item.turn in corrects)


def _overlap(one: str, other: str) -> bool:
    """Tell whether one of two values stands inside the other."""
    first, second = flow(one), flow(other)
    return first in second or second in first


def _hear(reading: Reading, ledger: Ledger) -> None:
    """Note where the customer, or else the bot, said the values that slots and calls carry."""
    for entry in ledger:
        phrase = flow(str(entry.value))
        if len(entry.key) < 2 and Source.SAID in entry.turns:
            continue
        if said := reading.customer.turns_with(phrase):
            entry.add(Source.SAID, *said)
        elif told := reading.bot.turns_with(phrase):
            entry.add(Source.TOLD, *told)


def _returned(calls: Iterable[Call]) -> Results:
    results: Results = {}
    for call in calls:
        if call.call.ok is not True or call.is_transfer:
            continue
        for leaf in call.results:
            if leaf.path and (key := value_key(leaf.value)) and len(key) <= _LONGEST_VALUE:
                _note_returned(results.setdefault(key, {}), leaf, key, call.index)
    return results


def _note_returned(named: dict[str, Returned], leaf: Leaf, key: str, turn: int) -> None:
    name = path_name(leaf.path)
    known = named.get(name)
    if known is not None:
        known.last = turn
    elif len(named) < _NAMES_OF_A_VALUE:
        named[name] = Returned(name, leaf, key, turn, turn)


def _confirm(ledger: Ledger, results: Results) -> None:
    """Note which values a successful result returned under a fitting name."""
    for entry in ledger:
        telling, money = distinctive(entry.key), is_money((entry.name,))
        for item in results.get(entry.key, {}).values():
            same = name_words(entry.name) & name_words(item.name)
            if telling or same or (money and is_money(item.leaf.path)):
                entry.add(Source.RETURNED, item.first, item.last)


def _note_mentions(
    reading: Reading, ledger: Ledger, results: Results, checked: Collection[int]
) -> None:
    """Note identifiers in words; a date in the `checked` turns is a birth date, told as such."""
    slots = {slot.index: _slot_flow(slot) for slot in reading.slots}
    for mention in reading.mentions:
        key = value_key(mention.found.text)
        if flow(mention.found.text) in slots.get(mention.turn, ""):
            continue
        if mention.found.kind is Kind.DATE and mention.turn in checked:
            continue
        source = _source(mention)
        known = [entry for entry in ledger.with_value(key) if _fits(entry, mention)]
        for entry in known:
            entry.add(source, mention.turn)
        if not known and (mention.role is Role.CUSTOMER or mention.found.kind in _ANYWAY):
            _note_new(ledger, mention, source, results.get(key, {}).values())


def _slot_flow(slots: Slots) -> str:
    return "".join(flow(str(leaf.value)) for leaf in slots.leaves)


def _source(mention: Mention) -> Source:
    if mention.role is Role.CUSTOMER:
        return Source.SAID
    return Source.TOLD if mention.role in (Role.BOT, Role.HUMAN) else Source.USED


def _fits(entry: Entry, mention: Mention) -> bool:
    if mention.found.kind is Kind.MONEY:
        return is_money((entry.name,))
    return mention.found.kind is not Kind.TIME or len(entry.key) > 2


def _note_new(
    ledger: Ledger, mention: Mention, source: Source, results: Iterable[Returned]
) -> None:
    found = mention.found
    fitting = [
        item
        for item in results
        if (is_money(item.leaf.path) if found.kind is Kind.MONEY else distinctive(item.key))
    ]
    name = fitting[0].name if fitting else _called(mention)
    if entry := ledger.note(name, found.text, source, mention.turn):
        for item in fitting[:1]:
            entry.add(Source.RETURNED, item.first, item.last)


def _called(mention: Mention) -> str:
    """Return what an identifier is called by the words just before it."""
    before = words(mention.before)[-4:]
    noun = next((word for word in reversed(before) if word in REFERENCE_NOUNS), None)
    if mention.found.kind is Kind.REFERENCE:
        return f"{noun} id" if noun else "reference"
    return mention.found.kind.value


def _note_used_results(reading: Reading, ledger: Ledger, results: Results) -> None:
    """Note what results returned and somebody then said, unmistakably or beside its name."""
    for key, named in results.items():
        if any(True for _ in ledger.with_value(key)):
            continue
        for item in named.values():
            if not isinstance(item.leaf.value, bool) and not is_secret(item.name):
                _note_used(reading, ledger, item)


def _note_used(reading: Reading, ledger: Ledger, item: Returned) -> None:
    value = words(str(item.leaf.value))
    for speech, source in ((reading.bot, Source.TOLD), (reading.customer, Source.SAID)):
        if not speech.knows(value):
            continue
        for phrase, near in _telling_phrases(item, " ".join(value)):
            if turns := speech.turns_with(phrase, near):
                if entry := ledger.note(item.name, item.leaf.value, source, *turns):
                    entry.add(Source.RETURNED, item.first, item.last)
                return


def _note_records(reading: Reading, ledger: Ledger) -> None:
    """Note what the bot told of a record that a call had returned."""
    for told in told_of(reading):
        name = path_name(told.leaf.path)
        if not is_secret(name) and (
            entry := ledger.note(name, told.leaf.value, Source.TOLD, told.turn)
        ):
            entry.add(Source.RETURNED, told.returned)


def _telling_phrases(item: Returned, value: str) -> list[tuple[str, frozenset[str]]]:
    """Return phrases (with words one of which must be near) that can only mean this value."""
    if " " in value and isinstance(item.leaf.value, str) and len(item.key) > _LONG_KEY:
        return [(f" {value} ", frozenset())]
    if len(item.key) <= _SHORT_KEY:
        name = " ".join(words(readable(item.name)))
        return [(f" {name} {value} ", frozenset()), (f" {value} {name} ", frozenset())]
    near = name_words(item.name) - GENERIC
    return [(f" {value} ", near)] if near else []
