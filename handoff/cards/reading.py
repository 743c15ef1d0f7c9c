"""One pass over a conversation: what was said, called and returned, ready to be looked up."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from pydantic import JsonValue

from handoff.cards.names import is_card_number, is_secret, path_name
from handoff.cards.results import Leaf, leaves, read_result
from handoff.cards.secrets import MASK, Secrets
from handoff.cards.spoken import Spoken, spoken
from handoff.domain.extracts import flow
from handoff.domain.identifiers import Found, find
from handoff.domain.turn import Conversation, Role, ToolCall, Turn

LONG_ARGUMENT = 120
"""Characters from which an argument is prose, not a value."""
LABEL_REACH = 40
"""Characters before an identifier in which its name is looked for."""
_FIRST_FEW = 10
LOOKED_AT = 40
"""Turns looked at for a phrase from either end: the first and the last mention are enough."""

TRANSFERS = frozenset(
    {"transfer_to_human", "transfer_to_human_agents", "create_case", "escalate", "handoff"}
)
"""Tools that hand over: their arguments are about the handover, not the customer's matter."""


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call read: its turn, its arguments and its results as leaves."""

    index: int
    call: ToolCall
    arguments: tuple[Leaf, ...]
    results: tuple[Leaf, ...]
    returned: JsonValue

    @property
    def is_transfer(self) -> bool:
        """Tell whether the call only hands over."""
        return self.call.name in TRANSFERS


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots of one turn as leaves."""

    index: int
    role: Role
    leaves: tuple[Leaf, ...]


class Speech:
    """What one side said, turn by turn, searchable for a phrase."""

    def __init__(self, turns: Iterable[Turn]) -> None:
        """Index the words of the turns."""
        self._flows: list[tuple[int, str]] = []
        self._where: defaultdict[str, list[int]] = defaultdict(list)
        for turn in turns:
            said = flow(" \n ".join((turn.audible, *turn.nbest)) if turn.nbest else turn.audible)
            place = len(self._flows)
            self._flows.append((index_of(turn), said))
            for word in set(said.split()):
                self._where[word].append(place)

    def knows(self, phrase_words: Iterable[str]) -> bool:
        """Tell whether each of the words was said at all."""
        return all(word in self._where for word in phrase_words)

    def turns_with(self, phrase: str, near: frozenset[str] = frozenset()) -> tuple[int, ...]:
        """Return the first and last turn that say the phrase (of `flow`) and a word of `near`."""
        parts = phrase.split()
        if not parts:
            return ()
        places = min((self._where.get(part, []) for part in parts), key=len)
        first = self._first(places[:LOOKED_AT], phrase, near)
        if first is None:
            return ()
        last = self._first(places[: -LOOKED_AT - 1 : -1], phrase, near)
        return (first,) if last is None or last == first else (first, last)

    def every_turn_with(self, phrase: str) -> Iterator[int]:
        """Yield the turns that say the phrase (of `flow`) among the first few that may."""
        places = min((self._where.get(part, []) for part in phrase.split()), key=len, default=[])
        for place in places[:_FIRST_FEW]:
            index, said = self._flows[place]
            if phrase in said:
                yield index

    def _first(self, places: Iterable[int], phrase: str, near: frozenset[str]) -> int | None:
        for place in places:
            index, said = self._flows[place]
            if phrase in said and (not near or any(f" {word} " in said for word in near)):
                return index
        return None


@dataclass(frozen=True, slots=True)
class Mention:
    """An identifier in somebody's words."""

    turn: int
    role: Role
    found: Found
    before: str
    """The words before it, for what it is called."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A conversation as read once."""

    conversation: Conversation
    turns: tuple[Turn, ...]
    customer: Speech
    bot: Speech
    calls: tuple[Call, ...]
    slots: tuple[Slots, ...]
    mentions: tuple[Mention, ...]
    spoken: tuple[Spoken, ...]
    secrets: Secrets


def index_of(turn: Turn) -> int:
    """Return a numbered turn's index."""
    return turn.index or 0


def read(conversation: Conversation) -> Reading:
    """Return the conversation read: linear in its length."""
    turns = conversation.numbered()
    calls = tuple(_call(turn, turn.tool_call) for turn in turns if turn.tool_call is not None)
    slots = tuple(
        Slots(index_of(turn), turn.role, tuple(leaves(turn.slots))) for turn in turns if turn.slots
    )
    said = spoken(turns, conversation.language)
    return Reading(
        conversation=conversation,
        turns=turns,
        customer=Speech(turn for turn in turns if turn.role is Role.CUSTOMER),
        bot=Speech(turn for turn in turns if turn.role in (Role.BOT, Role.HUMAN)),
        calls=calls,
        slots=slots,
        mentions=tuple(_mentions(turns, calls)),
        spoken=said,
        secrets=Secrets(_secret_values(slots, calls, said)),
    )


def _call(turn: Turn, call: ToolCall) -> Call:
    returned = read_result(call.result)
    return Call(
        index=index_of(turn),
        call=call,
        arguments=tuple(leaves(call.arguments)),
        results=tuple(leaves(returned)),
        returned=returned,
    )


def _mentions(turns: tuple[Turn, ...], calls: tuple[Call, ...]) -> Iterator[Mention]:
    for index, role, text in chain(_speech(turns), _prose(calls)):
        for found in find(text):
            before = text[max(0, found.start - LABEL_REACH) : found.start]
            yield Mention(index, role, found, before)


def _speech(turns: tuple[Turn, ...]) -> Iterator[tuple[int, Role, str]]:
    for turn in turns:
        if turn.role in (Role.CUSTOMER, Role.BOT, Role.HUMAN):
            yield index_of(turn), turn.role, turn.audible


def _prose(calls: tuple[Call, ...]) -> Iterator[tuple[int, Role, str]]:
    """Yield the arguments that are prose: identifiers in them are the bot's word."""
    for call in calls:
        for leaf in () if call.is_transfer else call.arguments:
            if isinstance(leaf.value, str) and len(leaf.value) > LONG_ARGUMENT:
                yield call.index, Role.TOOL, leaf.value


def _secret_values(
    slots: tuple[Slots, ...], calls: tuple[Call, ...], said: tuple[Spoken, ...]
) -> Iterator[str]:
    given = chain(*(slot.leaves for slot in slots), *(call.arguments for call in calls))
    named = ((path_name(leaf.path), str(leaf.value)) for leaf in given)
    for name, value in chain(named, ((item.name, item.value) for item in said)):
        if (is_secret(name) or is_card_number(name)) and MASK not in value:
            yield value
