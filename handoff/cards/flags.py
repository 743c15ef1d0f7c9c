"""What the human must know before speaking: risks, language, consents, recording."""

from collections.abc import Iterator

from pydantic import JsonValue

from handoff.cards.injections import brought_by_tools, said_by_customer
from handoff.cards.phrases import (
    AI_NOTICE,
    RECORDING_NOTICE,
    RECORDING_REFUSAL,
    VULNERABLE,
)
from handoff.cards.reading import Reading, index_of
from handoff.domain.card import CardReason, Consent, Flag, Recording
from handoff.domain.glance import Glance
from handoff.domain.languages import language_code
from handoff.domain.turn import Role, Turn

_RISKS = {
    "fraud_or_security_concern": "Possible fraud: verify who you speak to before any change.",
    "account_ownership_dispute": "Ownership of the account is disputed: disclose nothing yet.",
    "legal_or_regulatory_matter": "Legal or regulatory matter: promise nothing.",
    "third_party_inquiry": "Somebody asks for another person: check their authority.",
    "deceased_account_holder": "The account holder has died.",
    "abusive_customer_behavior": "The customer was abusive.",
}
_HIDDEN = Glance(r"[\x{202A}-\x{202E}\x{2066}-\x{2069}\x{E0000}-\x{E007F}]")
_STATES = ("on", "paused", "off")


def flags(reading: Reading, reason: CardReason) -> tuple[Flag, ...]:
    """Return the flags, the gravest first."""
    return tuple(_flags(reading, reason))


def _flags(reading: Reading, reason: CardReason) -> Iterator[Flag]:
    if reason.code in _RISKS:
        yield Flag(name="risk", text=_RISKS[reason.code])
    said = [turn for turn in reading.turns if turn.role is Role.CUSTOMER and turn.text]
    if turns := _matching(said, VULNERABLE):
        yield Flag(
            name="vulnerability", text="The customer may be vulnerable or in distress.", turns=turns
        )
    if turns := said_by_customer(reading):
        yield Flag(
            name="injection", text="The customer's text tries to instruct the bot.", turns=turns
        )
    if turns := brought_by_tools(reading):
        yield Flag(name="injection", text="A tool's result tries to instruct the bot.", turns=turns)
    if turns := _matching(said, _HIDDEN):
        yield Flag(
            name="hidden_text",
            text="The customer's text holds invisible or reordering characters.",
            turns=turns,
        )
    if turns := tuple(index_of(turn) for turn in reading.turns if turn.secure_capture):
        yield Flag(
            name="payment",
            text="Payment details were being taken: their words are not stored.",
            turns=turns,
        )
    if language := _language(reading):
        yield Flag(name="language", text=f"The customer speaks {language}.")


def _matching(turns: list[Turn], pattern: Glance) -> tuple[int, ...]:
    """Return where the pattern matches; one search over all turns spares most conversations."""
    if not pattern("\n".join(turn.audible for turn in turns)):
        return ()
    return tuple(index_of(turn) for turn in turns if pattern(turn.audible))


def _language(reading: Reading) -> str:
    """Return the language the customer used last, else the conversation's; nothing for English."""
    spoken = (turn.language for turn in reversed(reading.turns) if turn.role is Role.CUSTOMER)
    language = next((tag for tag in spoken if tag), None) or reading.conversation.language or ""
    return "" if language_code(language) == "en" else language


def consents(reading: Reading) -> tuple[Consent, ...]:
    """Return consents and notices: as the runtime says, else where they were first said."""
    told = reading.conversation.attributes.get("consents")
    known = {name: Consent(name=name, given=given) for name, given in _told(told)}
    for consent in _said(reading):
        known.setdefault(consent.name, consent)
    return tuple(known.values())


def _told(told: JsonValue) -> Iterator[tuple[str, bool]]:
    if isinstance(told, dict):
        yield from ((name, given) for name, given in told.items() if isinstance(given, bool))


def _said(reading: Reading) -> Iterator[Consent]:
    customer = [turn for turn in reading.turns if turn.role is Role.CUSTOMER]
    bot = [turn for turn in reading.turns if turn.role is Role.BOT]
    for name, given, turns, pattern in (
        ("recording", False, customer, RECORDING_REFUSAL),
        ("ai_disclosure", True, bot, AI_NOTICE),
        ("recording", True, bot, RECORDING_NOTICE),
    ):
        for index in _matching(turns, pattern):
            yield Consent(name=name, given=given, turn=index)


def recording(reading: Reading) -> Recording | None:
    """Return whether it is recorded as the runtime's attributes say; None when they do not."""
    told = reading.conversation.attributes.get("recording")
    state = told.get("state") if isinstance(told, dict) else told
    ref = told.get("ref") if isinstance(told, dict) else None
    for known in _STATES:
        if state == known:
            return Recording(state=known, ref=ref if isinstance(ref, str) else None)
    return None
