"""Values that slots and arguments give under a secret's name: hidden wherever their words recur."""

from collections.abc import Iterable, Iterator, Mapping

import re2
from pydantic import JsonValue

from handoff.domain.digits import replaced
from handoff.domain.masking import Place
from handoff.domain.secret_keys import names_secret, secret_value
from handoff.domain.trees import in_texts
from handoff.domain.turn import Turn

_SHORTEST, _LONGEST = 4, 200
_MOST = 50


def named_values(turn: Turn) -> dict[str, str]:
    """Return each value of a turn that stands under a secret's name, and its mask."""
    found: dict[str, str] = {}
    for told in (turn.slots, turn.tool_call.arguments if turn.tool_call else None):
        if told:
            found.update(_named(told, ()))
    return found


def _named(value: JsonValue, under: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, item in value.items():
                yield from _named(item, (*under, key) if names_secret(key) else under)
        case list():
            for item in value:
                yield from _named(item, under)
        case bool() | None:
            return
        case _ if under and _SHORTEST <= len(str(value).strip()) <= _LONGEST:
            masked = next((m for key in under if (m := secret_value(key, value))), "")
            if masked:
                yield str(value).strip(), masked


class Hiding:
    """Hides known values in texts, where they stand as words of their own."""

    def __init__(self, values: Mapping[str, str]) -> None:
        """Take values and their masks; the first ones, if there are very many."""
        self._masks = {value.casefold(): mask for value, mask in list(values.items())[:_MOST]}
        escaped = "|".join(map(re2.escape, sorted(self._masks, key=len, reverse=True)))
        self._pattern = re2.compile(rf"(?i)(?:^|[^\pL\pN])({escaped})(?:$|[^\pL\pN])")

    def text(self, text: str) -> str:
        """Return a text without the values."""
        once = self._once(text)
        return once if once is text else self._once(once)  # two that shared a boundary

    def _once(self, text: str) -> str:
        places: dict[Place, str] = {
            match.span(1): self._masks.get(match.group(1).casefold(), "")
            for match in self._pattern.finditer(text)
        }
        return replaced(text, places) if places else text

    def json(self, value: JsonValue) -> JsonValue:
        """Return JSON without the values in its texts."""
        return in_texts(value, self.text)

    def turn(self, turn: Turn) -> Turn:
        """Return a turn without the values in its words and results; unchanged: the same object."""
        call = turn.tool_call
        if call is not None and (result := self.json(call.result)) != call.result:
            call = call.model_copy(update={"result": result})
            turn = turn.model_copy(update={"tool_call": call})
        text, heard = self.text(turn.text), turn.heard and self.text(turn.heard)
        nbest = tuple(map(self.text, turn.nbest))
        if (text, heard, nbest) == (turn.text, turn.heard, turn.nbest):
            return turn
        return turn.model_copy(update={"text": text, "heard": heard, "nbest": nbest})


def hidden(turns: Iterable[Turn], values: Mapping[str, str]) -> tuple[Turn, ...]:
    """Return turns without the values in their words."""
    hiding = Hiding(values) if values else None
    return tuple(hiding.turn(turn) if hiding else turn for turn in turns)
