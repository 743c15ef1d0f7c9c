"""Secrets over several turns: answers to what was asked, and card numbers given in pieces.

`sealed` masks a turn by what was heard before it; `joined` finds a number that a turn completes
and masks its pieces in all of them; `over` does both for a whole conversation.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import re2
from pydantic import JsonValue

from handoff.domain.asked import NOTHING, glance, masked_text
from handoff.domain.card_numbers import is_card_number, seems_card_number
from handoff.domain.digits import has_number, read, replaced
from handoff.domain.labelled import free_numbers
from handoff.domain.listening import LONGEST_CARD, REACH, SHORTEST_CARD, SILENT, Listening
from handoff.domain.masking import mask, part
from handoff.domain.number_pieces import Piece, pieces
from handoff.domain.secret_words import CARD_WORDS, INNOCENT
from handoff.domain.text import in_words
from handoff.domain.turn import Role, Turn

_GROUP = 4
_BEFORE = 24
"""Characters before a number in which words may say that it is no card's."""
_CARD = re2.compile(CARD_WORDS)
_INNOCENT = re2.compile(INNOCENT)
_PRINTED = ([4, 6, 5], [4, 6, 4], [10, 5], [4, 11])


def sealed(listening: Listening, turn: Turn) -> Turn:
    """Return a turn with the answer to what was asked for masked; unchanged: the same object.

    Where a card is spoken of, so is a number that would be its but for a digit misheard.
    """
    if turn.secure_capture or turn.role not in (Role.CUSTOMER, Role.BOT, Role.HUMAN):
        return turn
    about = listening.about_card(turn)

    def clean(text: str) -> str:
        answered = masked_text(listening.asked, turn.role, text)[0]
        return _without_misheard(answered) if about else answered

    text = clean(turn.text)
    heard = turn.heard and clean(turn.heard)
    nbest = tuple(map(clean, turn.nbest))
    if (text, heard, nbest) == (turn.text, turn.heard, turn.nbest):
        return turn
    given = _hidden(turn.text, text)
    slots = scrubbed(turn.slots, given, numbers=True) if turn.slots and given else turn.slots
    return turn.model_copy(update={"text": text, "heard": heard, "nbest": nbest, "slots": slots})


def _without_misheard(text: str) -> str:
    """Return a text without numbers that have a card's length and first digits."""
    if not has_number(text):
        return text
    reading = read(text)
    found = {
        (start, end): mask(digits)
        for start, end, digits in free_numbers(text, reading)
        if seems_card_number(digits)
        and _INNOCENT.search(reading.text[max(0, start - _BEFORE) : start]) is None
    }
    return replaced(text, found) if found else text


def _hidden(before: str, now: str) -> frozenset[str]:
    """Return the numbers, as digits, that stood in a text and no longer do."""
    if before == now:
        return frozenset()
    earlier, left = read(before), read(now)
    kept = {digits for _, _, digits in free_numbers(now, left)}
    gone = {digits for _, _, digits in free_numbers(before, earlier)} - kept
    return frozenset(gone) or frozenset({before.strip()})


def joined(
    turns: Sequence[Turn], known: Mapping[int, Sequence[Piece]] | None = None
) -> dict[int, Turn]:
    """Return, by place, the turns that hold pieces of a card number, with these masked.

    `turns` are neighbours in `index` order; a number in them may end anywhere. `known`: the pieces
    in each place that has some, where they were looked for before.
    """
    gathered = _gathered(turns, known)
    changed: dict[int, Turn] = {}
    first = 0
    while first < len(gathered):
        last = _ends(turns, gathered, first)
        if last:
            _mask(turns, gathered[first:last], changed)
        first = last or first + 1
    return changed


def _gathered(turns: Sequence[Turn], known: Mapping[int, Sequence[Piece]] | None) -> list[Piece]:
    """Return all pieces; a number that the bot asked for under another name is none."""
    gathered: list[Piece] = []
    asking = ""
    for at, turn in enumerate(turns):
        if turn.role is Role.CUSTOMER:
            found = pieces(turn, at) if known is None else known.get(at, ())
            gathered += () if found and _another(asking) else found
        elif turn.role in (Role.BOT, Role.HUMAN):
            asking = turn.audible or in_words(turn.intent or "") or asking
    return gathered


def _another(asking: str) -> bool:
    """Tell whether a bot's words ask for a number that is no card's."""
    said = read(asking).text
    return _INNOCENT.search(said) is not None and _CARD.search(said) is None


def _ends(turns: Sequence[Turn], gathered: list[Piece], first: int) -> int:
    """Return the place after the last piece of the card number that begins at `first`, else 0."""
    number = ""
    for last, piece in enumerate(gathered[first:], first):
        number += piece.digits
        near = piece.turn - gathered[first].turn <= REACH
        if len(number) > LONGEST_CARD or not near:
            return 0
        if len(number) < SHORTEST_CARD or last == first or not is_card_number(number):
            continue
        parts = gathered[first : last + 1]
        if _shaped(parts) or _about_card(turns, parts):
            return last + 1
    return 0


def _shaped(parts: Sequence[Piece]) -> bool:
    """Tell whether bare turns give groups as card numbers have them, none of them said again."""
    sizes = [len(one.digits) for one in parts]
    if any(one.digits == two.digits and len(one.digits) > _GROUP for one, two in pairwise(parts)):
        return False
    printed = sizes in _PRINTED or not any(size % 4 for size in sizes[:-1])
    return printed and all(one.bare for one in parts)


def _about_card(turns: Sequence[Turn], parts: Sequence[Piece]) -> bool:
    """Tell whether anybody speaks of a card in or shortly before these turns."""
    first, last = parts[0].turn, parts[-1].turn
    near = turns[max(0, first - 4) : last + 1]
    return any(_CARD.search(read(turn.audible).text) for turn in near if turn.audible)


def _mask(turns: Sequence[Turn], parts: Sequence[Piece], changed: dict[int, Turn]) -> None:
    number = "".join(piece.digits for piece in parts)
    hidden = frozenset(piece.digits for piece in parts)
    for at in dict.fromkeys(piece.turn for piece in parts):
        turn = changed.get(at, turns[at])
        masks = {
            piece.place: mask(number) if piece is parts[-1] else part(len(piece.digits))
            for piece in parts
            if piece.turn == at
        }
        changed[at] = turn.model_copy(
            update={
                "text": replaced(turn.text, masks),
                "heard": turn.heard and scrub(turn.heard, hidden),
                "nbest": tuple(scrub(guess, None) for guess in turn.nbest),
                "slots": scrubbed(turn.slots, hidden, numbers=True),
            }
        )


def pieces_in(turns: Iterable[Turn]) -> frozenset[str]:
    """Return the digits of every number in the customers' words of `turns`."""
    return frozenset(
        digits
        for turn in turns
        for _, _, digits in free_numbers(turn.text, read(turn.text))
        if len(digits) > 1
    )


def scrub(text: str, hidden: frozenset[str] | None) -> str:
    """Return `text` without the numbers `hidden`, however they are written; None: without any."""
    if not has_number(text):
        return text
    masks = {
        (start, end): part(len(digits))
        for start, end, digits in free_numbers(text, read(text))
        if hidden is None or digits in hidden
    }
    return replaced(text, masks) if masks else text


def scrubbed(value: JsonValue, hidden: frozenset[str], *, numbers: bool = False) -> JsonValue:
    """Return JSON with the numbers `hidden` masked in its texts and keys; also as JSON numbers."""
    match value:
        case dict():
            return {
                scrub(key, hidden): scrubbed(item, hidden, numbers=numbers)
                for key, item in value.items()
            }
        case list():
            return [scrubbed(item, hidden, numbers=numbers) for item in value]
        case str():
            return part(len(value)) if value in hidden else scrub(value, hidden)
        case int() if numbers and not isinstance(value, bool) and str(value) in hidden:
            return part(len(str(value)))
        case _:
            return value


def over(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return numbered, masked turns with what they give away together masked as well."""
    listening = SILENT
    clean = list(turns)
    found: dict[int, Sequence[Piece]] = {}
    looked = False
    for at, turn in enumerate(turns):
        telling, numbers = glance(turn)
        plain = listening.asked == NOTHING and not telling and listening.card is None
        if plain and not numbers:
            continue
        kept = clean[at] = turn if plain else sealed(listening, turn)
        if mine := pieces(kept, at):
            found[at] = mine
            looked = looked or listening.looks_back(kept, mine) is not None
        listening = listening.heard(kept, mine) if kept.final else listening
    for at, turn in joined(clean, found).items() if looked else ():
        clean[at] = turn
    return tuple(clean)
