"""Whether what a card says rests on the turns that it cites: claims, quotes, narrative."""

from collections.abc import Iterator, Sequence
from typing import Final

import re2

from handoff.domain.card import Claim, Statement, Status
from handoff.domain.turn import Role, Turn
from handoff.evaluation.cards.found import Found, Held, Looked
from handoff.evaluation.cards.seen import said, scalars
from handoff.evaluation.comparable import NO, YES, Seen, seen, tokens

_MASKED = re2.compile(r"(?i)[*•█]{2,}|\[redacted|\bending\b|\bx{4,}")
_LONG_DIGITS = re2.compile(r"\d{2,}")
_LETTER = re2.compile(r"\p{L}")
_CUT = re2.compile(r"(?:…|\.\.\.)\s*$")
_SAYS_NO: Final = frozenset({"yeah", "sure", "not", "don"})
_EDGES: Final = ".,;:!?()[]{}\"'“”‘’«»…"
_OPENS: Final = (".", "!", "?", ":", "…")
"""What a word that is written large anyway stands after."""
_NOUNS_ARE_LARGE: Final = ("de",)
"""Languages in which a large letter does not tell a name."""


def grounds(held: Held) -> Looked:
    """Return which claims and statements are supported, and which quotes are exact."""
    looked = Looked()
    turns = {turn.index or 0: turn for turn in held.conversation.turns}
    for claim in held.seen.claims:
        why = _unsupported(claim, turns, looked)
        looked.found.append(Found("claims", f"{claim.name} | {claim.value}", {"grounded": not why}))
        if why:
            looked.bad.append(
                f"claim {claim.name} = {claim.value} ({claim.status}, {claim.turns}): {why}"
            )
    for quote in held.seen.card.quotes:
        piece = " ".join(tokens(_CUT.sub("", quote.text).strip()))
        turn = turns.get(quote.turn)
        exact = turn is not None and piece in " ".join(tokens(turn.text))
        looked.found.append(Found("quotes", quote.text, {"exact": exact}))
    large = not (held.conversation.language or "").startswith(_NOUNS_ARE_LARGE)
    for statement in held.seen.card.narrative:
        looked.found.append(_statement(statement, turns, looked, names=large))
    return looked


def _unsupported(claim: Claim, turns: dict[int, Turn], looked: Looked) -> str:
    """Return why a claim is not supported, or nothing."""
    if not claim.turns:
        return "cites no turn"
    if any(turn not in turns for turn in claim.turns):
        return "cites a turn that does not exist"
    cited = [turns[turn] for turn in claim.turns]
    by_system = any(turn.role in (Role.TOOL, Role.SYSTEM) for turn in cited)
    looked.counts["verified without a tool or system"] += (
        claim.status is Status.VERIFIED and not by_system
    )
    values = [value for value in scalars(claim.value) if tokens(str(value))]
    hay = seen(said(cited, slots=True))
    fine = all(_stands(value, cited, hay) for value in values)
    return "" if fine else "value not in the cited turns"


def _stands(value: object, cited: Sequence[Turn], hay: Seen) -> bool:
    if isinstance(value, bool):
        return bool(hay.bag & ((YES if value else NO) | _SAYS_NO))
    if hay.holds(value) or _is_mask_of(str(value), hay):
        return True
    in_fields = any(turn.tool_call or turn.slots for turn in cited)
    whole = frozenset(tokens(str(value))) <= hay.bag
    # Put together from fields: {"first_name": "Omar", "last_name": "Rossi"}.
    return in_fields and whole and bool(_LETTER.search(str(value)))


def _is_mask_of(value: str, hay: Seen) -> bool:
    if not _MASKED.search(value):
        return False
    tails = _LONG_DIGITS.findall(value)
    return not tails or tails[-1] in hay.compact


def _statement(
    statement: Statement, turns: dict[int, Turn], looked: Looked, *, names: bool
) -> Found:
    """Return whether the turns exist, and hold each number and name of the statement."""
    exist = bool(statement.turns) and all(turn in turns for turn in statement.turns)
    hay = seen(said([turns[t] for t in statement.turns if t in turns], slots=True))
    absent = [piece for piece in _details(statement.text, names=names) if not hay.holds(piece)]
    if absent or not exist:
        why = f"not in the cited turns: {', '.join(absent)}" if absent else "cites no such turn"
        looked.bad.append(f"statement “{statement.text}” {statement.turns}: {why}")
    return Found("statements", statement.text, {"cites": exist, "grounded": exist and not absent})


def _details(text: str, *, names: bool) -> Iterator[str]:
    """Yield what a statement must not make up: pieces with a digit or a link, and names."""
    opens = True
    for raw in text.split():
        piece = raw.strip(_EDGES)
        digit = any(letter.isdigit() for letter in piece)
        large = names and not opens and piece[:1].isupper() and len(piece) > 1
        if digit or "://" in piece or "@" in piece or large:
            yield piece
        opens = raw.endswith(_OPENS)
