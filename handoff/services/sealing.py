"""Mask what a new turn gives away together with others, in the transaction that stores it.

An answer to a question for a secret is masked at its first word; a card number in pieces when the
last one comes, in all turns, card versions and answers that hold one, and in what the detector
remembers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from handoff.domain.card import Card, card_json
from handoff.domain.conversation import Head, StoredTurn
from handoff.domain.listening import REACH, Listening, changes_nothing
from handoff.domain.ports import Transaction
from handoff.domain.spread import joined, over, pieces_in, scrubbed, sealed
from handoff.domain.turn import Turn

HEARD = "heard"
"""Under this key of the detector's state lies what `Listening` remembers."""
_BESIDE = REACH + 8
"""Turns read on either side of a late one."""
_TELLING = 3
"""Digits from which a piece is looked for in cards and answers; fewer stand anywhere."""


def seal(tx: Transaction, head: Head, turn: Turn) -> tuple[Head, Turn]:
    """Return a numbered, masked turn as it may be stored, and the head after masking earlier ones.

    The turn is not stored yet, or under the same id with an earlier revision.
    """
    index = turn.index or 0
    if index < head.next_index:
        return _late(tx, head, turn)
    told = head.detector.get(HEARD)
    if changes_nothing(told, turn):
        return head, turn
    listening = Listening.of(told)
    kept = sealed(listening, turn)
    first = listening.looks_back(kept)
    if first is None:
        return head, kept
    before = tx.conversations.between(head.conversation_id, first, index - 1)
    turns = [*(stored.turn for stored in before), kept]
    changed = joined(turns)
    if not changed:
        return head, kept
    clean = {turns[at].turn_id: one for at, one in changed.items()}
    return _mask(tx, head, before, clean, turns), clean.get(kept.turn_id, kept)


def _late(tx: Transaction, head: Head, turn: Turn) -> tuple[Head, Turn]:
    """Look at all turns around one that came late or anew: its place tells what it completes."""
    index = turn.index or 0
    near = tx.conversations.between(head.conversation_id, index - _BESIDE, index + _BESIDE)
    others = [stored for stored in near if stored.turn.turn_id != turn.turn_id]
    turns = sorted([*(stored.turn for stored in others), turn], key=lambda each: each.index or 0)
    whole = over(turns)
    clean = {now.turn_id: now for then, now in zip(turns, whole, strict=True) if now is not then}
    kept = clean.pop(turn.turn_id, turn)
    return (_mask(tx, head, others, clean, turns) if clean else head), kept


def heard(before: Head, after: Head, turn: Turn) -> Head:
    """Return the head after a turn with what it asks for, or gives a piece of, remembered."""
    known = before.detector.get(HEARD)
    same = known is after.detector.get(HEARD)
    if not turn.final or (same and changes_nothing(known, turn)):
        return after
    told = Listening.of(known).heard(turn).stored()
    if not told and HEARD not in after.detector:
        return after
    state = {key: value for key, value in after.detector.items() if key != HEARD}
    return after.evolve(detector={**state, HEARD: told} if told else state)


def _mask(
    tx: Transaction,
    head: Head,
    stored: Iterable[StoredTurn],
    clean: Mapping[str, Turn],
    turns: Iterable[Turn],
) -> Head:
    """Write the masked turns, and mask what was made of them; return the head, to be rebuilt."""
    gone = pieces_in(turn for turn in turns if turn.turn_id in clean)
    hidden = frozenset(digits for digits in gone if len(digits) >= _TELLING)
    for one in stored:
        answer = scrubbed(one.answer, hidden)
        masked = clean.get(one.turn.turn_id)
        if masked is not None or answer != one.answer:
            told = answer if isinstance(answer, dict) else {}
            after = replace(one, turn=masked or one.turn, answer=told)
            tx.conversations.replace_turn(head.conversation_id, after)
    _mask_cards(tx, head, hidden)
    state = scrubbed(head.detector, hidden)
    return head.evolve(detector=state if isinstance(state, dict) else {}, stale=True)


def _mask_cards(tx: Transaction, head: Head, hidden: frozenset[str]) -> None:
    for escalation_id in {head.open_escalation, head.last_escalation} - {None}:
        for version, _ in tx.escalations.card_versions(str(escalation_id)):
            card = tx.escalations.card(str(escalation_id), version)
            if card is None:
                continue
            told = card_json(card)
            if (clean := scrubbed(told, hidden)) != told:
                tx.escalations.replace_card(Card.model_validate(clean))
