"""Build the deterministic card of a conversation: pure, linear, the same every time."""

from collections.abc import Iterable
from functools import partial

from handoff.cards.actions import card_actions, tried
from handoff.cards.bounds import latest, telling
from handoff.cards.facts import gather
from handoff.cards.flags import consents, flags, recording
from handoff.cards.identity import about_customer, customer
from handoff.cards.ledger import Entry, Source
from handoff.cards.mood import mood
from handoff.cards.names import is_card_number, is_verifier
from handoff.cards.narrative import narrative
from handoff.cards.next_step import Outset, next_step
from handoff.cards.promises import done_claims, promises
from handoff.cards.protection import protected
from handoff.cards.questions import do_not_ask, open_items
from handoff.cards.reading import Reading, index_of, read
from handoff.cards.situation import asks_only, headline, quotes, situation, subject_of
from handoff.domain.card import (
    Card,
    CardReason,
    Claim,
    Coverage,
    Linked,
    ReasonEvidence,
    Status,
)
from handoff.domain.decision import Decision, Reason
from handoff.domain.disclosure import REDACTION, Redaction
from handoff.domain.extracts import clip
from handoff.domain.identifiers import distinctive
from handoff.domain.masking import masked_parts
from handoff.domain.reasons import sentence
from handoff.domain.redaction import redact_conversation
from handoff.domain.turn import Conversation

_NOTE_LIMIT = 1_000
_FIRST = 2
"""Index of a customer's first turn at the latest: after the bot's greeting and the customer's."""
_RANK = {Status.VERIFIED: 0, Status.STATED: 0, Status.INFERRED: 1}


def build_card(
    conversation: Conversation,
    decision: Decision | None = None,
    *,
    escalation_id: str | None = None,
    version: int = 1,
    summary: str | None = None,
    linked: tuple[Linked, ...] = (),
    with_mood: bool = False,
    rules: Redaction = REDACTION,
    masked: bool = False,
) -> Card:
    """Return the card of a conversation so far; `summary` is the bot's own, never verified.

    `with_mood` adds how the customer sounded last. Secrets are masked first, unless `masked` says
    they are; `rules` are a policy's on what else may be shown.
    """
    reading = read(conversation if masked else redact_conversation(conversation)[0])
    reason = _reason(decision, reading)
    wants = situation(reading)
    actions = card_actions(reading)
    promised, done = promises(reading), done_claims(reading)
    entries = sorted(filter(partial(_may_show, reading, rules), gather(reading)), key=_importance)
    refused = frozenset(entry.key for entry in entries if entry.refused)
    still_open = open_items(reading, actions, done, refused)
    shown = telling(entries)
    facts = _claims(entry for entry in shown if not about_customer(entry))
    who = customer(reading, _claims(entry for entry in shown if about_customer(entry)))
    recent = latest(actions)
    card = Card(
        card_version=version,
        conversation_id=conversation.conversation_id,
        escalation_id=escalation_id,
        headline=headline(conversation, reason, wants),
        reason=reason,
        customer=who,
        situation=wants,
        narrative=narrative(reading, {*(p.text for p in promised), *(text for _, text in done)}),
        facts=facts,
        actions=recent,
        tried=tried(reading, actions),
        promises=promised,
        open=still_open,
        do_not_ask=do_not_ask(shown),
        next_step=next_step(
            Outset(
                code=reason.code,
                about=subject_of(conversation),
                open_items=still_open,
                actions=actions,
                facts=(*facts, *who.claimed),
                promises=promised,
                asks_only=asks_only(reading, wants),
                at_once=not actions and wants is not None and wants.turns[0] <= _FIRST,
            )
        ),
        flags=flags(reading, reason),
        consents=consents(reading),
        recording=recording(reading),
        mood=mood(reading) if with_mood else None,
        quotes=quotes(reading, (turn for item in reason.evidence for turn in item.turns), wants),
        linked=linked,
        bot_note=_bot_note(reading, summary),
        coverage=_coverage(reading, len(entries) - len(shown) + len(actions) - len(recent)),
    )
    return protected(card, reading, rules)


def _reason(decision: Decision | None, reading: Reading) -> CardReason:
    code = (decision.reason_code if decision else None) or "none"
    return CardReason(
        code=code,
        sentence=sentence(code),
        evidence=tuple(_evidence(reason, reading) for reason in decision.reasons)
        if decision
        else (),
        policy=(decision.policy or None) if decision else None,
    )


def _evidence(reason: Reason, reading: Reading) -> ReasonEvidence:
    value = reason.value
    return ReasonEvidence(
        signal=reason.signal,
        rule=reason.rule,
        strength=reason.strength,
        value=reading.secrets.hide(value) if isinstance(value, str) else value,
        threshold=reason.threshold,
        turns=reason.turns,
    )


def _claims(entries: Iterable[Entry]) -> tuple[Claim, ...]:
    return tuple(entry.claim() for entry in entries)


def _may_show(reading: Reading, rules: Redaction, entry: Entry) -> bool:
    """Tell whether a value may stand on the card; of a card number its last digits may.

    What people are checked by, such as a birth date that a record holds, may where the customer
    said it or a change was made with it.
    """
    given = entry.written or Source.SAID in entry.turns
    if is_verifier(entry.name) and not (given or rules.show_verifiers):
        return False
    return is_card_number(entry.name) or not reading.secrets.within(str(entry.value))


def _importance(entry: Entry) -> tuple[bool, bool, int, bool, int]:
    """Order claims: current, used in a change, known rather than guessed, identifiers, first."""
    return (
        entry.superseded,
        not entry.written,
        _RANK[entry.status],
        not distinctive(entry.key),
        entry.first,
    )


def _bot_note(reading: Reading, summary: str | None) -> str | None:
    """Return the bot's own summary: as handed in, else as its last transfer call carries it."""
    notes = [
        note
        for call in reading.calls
        if call.is_transfer
        for key in ("context_summary", "summary")
        if isinstance(note := call.call.arguments.get(key), str)
    ]
    note = summary or (notes[-1] if notes else None)
    return clip(reading.secrets.hide(note), _NOTE_LIMIT) if note and note.strip() else None


def _coverage(reading: Reading, left_out: int) -> Coverage:
    indexes = {index_of(turn) for turn in reading.turns}
    return Coverage(
        turns_read=len(reading.turns),
        missing=max(indexes) - min(indexes) + 1 - len(indexes) if indexes else 0,
        redactions=sum(1 for turn in reading.turns for _ in masked_parts(turn.text)),
        tokens=sum(len(turn.text) for turn in reading.turns) // 4,
        left_out=left_out,
    )
