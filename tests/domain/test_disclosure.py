"""What of personal data is stored, and what goes to which destination."""

import pytest

from handoff.cards import build_card
from handoff.detection import Policy
from handoff.domain.disclosure import REDACTION
from handoff.domain.errors import PolicyInvalid
from handoff.domain.turn import Conversation, Role, Turn

WRITTEN = """
schema: handoff-policy/1
name: p
redaction:
  email: mask
  reverify: true
  destinations:
    slack: {phone: mask, card: mask, fields: {loyalty number: mask}}
"""
SAID = "mail jo@example.com or call +1 415 555 0132; paid with 4539 5787 6362 1486"
TURN = Turn(
    turn_id="t",
    role=Role.CUSTOMER,
    text=SAID,
    slots={"loyalty_number": "LX55812", "order": "A-1712"},
)


def test_without_a_policy_everything_but_secrets_is_kept() -> None:
    """The default changes nothing and keeps the same objects."""
    card = build_card(Conversation(conversation_id="c", turns=(TURN,)))

    assert REDACTION.turn(TURN) is TURN
    assert Policy.default().redaction is REDACTION
    assert REDACTION.disclosed(card, "slack") == (card, ("card", "email", "phone"))


def test_two_texts_are_not_read_as_one() -> None:
    """A country's code at the end of one turn and a number in the next are no telephone number."""
    halves = ("the code is +1", "415 555 twice")
    turns = tuple(Turn(turn_id=half, role=Role.CUSTOMER, text=half) for half in halves)
    card = build_card(Conversation(conversation_id="c", turns=turns))

    assert REDACTION.disclosed(card, "slack") == (card, ())


def test_a_class_is_masked_before_it_is_stored() -> None:
    """`email: mask` leaves the telephone number."""
    kept = Policy.load(WRITTEN).redaction.turn(TURN)

    assert kept.text.startswith("mail [email] or call +1 415 555 0132;")
    assert kept.slots == TURN.slots


def test_a_destination_gets_less_than_another() -> None:
    """Slack gets neither telephone, card digits nor the loyalty number; the ticket gets all."""
    redaction = Policy.load(WRITTEN).redaction
    card = build_card(Conversation(conversation_id="c", turns=(TURN,)))

    slack, told = redaction.disclosed(card, "slack")
    ticket, all_told = redaction.disclosed(card, "zendesk")

    said = slack.model_dump_json()
    assert ticket is card
    assert not any(piece in said for piece in ("415 555", "••1486", "LX55812"))
    assert "A-1712" in said
    assert (told, all_told) == (("email",), ("card", "email", "phone"))


def test_the_first_of_a_destinations_names_that_has_a_rule_counts() -> None:
    """A registered webhook may be named by its id, and is a webhook else."""
    written = WRITTEN.replace("slack:", "wh_open: {}\n    webhook:")
    redaction = Policy.load(written).redaction
    card = build_card(Conversation(conversation_id="c", turns=(TURN,)))

    told = [redaction.disclosed(card, name, "webhook")[1] for name in ("wh_a", "wh_open")]

    assert told == [("email",), ("card", "email", "phone")]


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        ("redaction: {email: hide}", "3: `email`: input should be 'keep' or 'mask'"),
        ("redaction: {emial: mask}", "3: unknown key `emial`, did you mean `email`?"),
        ("redaction: {destinations: {slack: {fone: mask}}}", "unknown key `fone`"),
    ],
)
def test_mistakes_are_told_with_their_line(wrong: str, cause: str) -> None:
    """A policy that says it wrongly is refused, not half obeyed."""
    with pytest.raises(PolicyInvalid, match=cause.replace("?", r"\?")):
        Policy.load(f"schema: handoff-policy/1\nname: p\n{wrong}\n")
