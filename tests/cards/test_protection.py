"""What a card shows of secrets: that they were given, and how checks ended."""

from handoff.cards import build_card, render
from handoff.domain.card import CheckResult
from handoff.domain.disclosure import Redaction
from handoff.domain.turn import Conversation, Role, ToolCall, Turn


def conversation(*turns: Turn) -> Conversation:
    """Return a conversation of turns."""
    return Conversation(conversation_id="c", turns=turns)


def turn(name: str, role: str, text: str = "", **fields: object) -> Turn:
    """Return a turn."""
    return Turn.model_validate({"turn_id": name, "role": Role(role), "text": text, **fields})


CHECKED = conversation(
    turn("1", "bot", "What is your date of birth and postcode?"),
    turn("2", "customer", "1990-03-04, AB1 2CD, Jo Hill", slots={"date_of_birth": "1990-03-04"}),
    turn(
        "3",
        "tool",
        tool_call=ToolCall(
            name="verify_customer",
            arguments={"name": "Jo Hill", "dob": "1990-03-04", "postcode": "AB1 2CD"},
            ok=True,
            result={"verified": True},
        ),
    ),
)


def test_what_identity_was_checked_with_is_shown_as_passed_only() -> None:
    """Birth date and postcode of a check are nowhere on the card; the name stays."""
    card = build_card(CHECKED)

    told = card.model_dump_json() + render(card, "text")
    assert "1990-03-04" not in told
    assert "AB1 2CD" not in told
    assert "Jo Hill" in told
    assert {c.name: c.result for c in card.customer.auth.checks}["postcode"] is CheckResult.PASSED


def test_a_policy_may_show_them_and_ask_for_another_check() -> None:
    """`verifiers: show` and `reverify: true`."""
    card = build_card(CHECKED, rules=Redaction(show_verifiers=True, reverify=True))

    assert "1990-03-04" in card.model_dump_json()
    assert card.next_step.startswith("Verify again whom you speak to.")


def test_a_birth_date_that_nothing_checked_stays_a_fact() -> None:
    """Without a check the value is all there is."""
    card = build_card(conversation(*CHECKED.turns[:2]))

    assert "1990-03-04" in card.model_dump_json()


def test_a_card_says_what_was_given_and_where() -> None:
    """Raw text handed to the library is masked; the human learns that it was there."""
    card = build_card(
        conversation(
            turn("1", "customer", "my card is 4539 5787 6362 1486, cvv 123"),
            turn("2", "customer", "and my password is hunter2!"),
        )
    )

    flags = {flag.text: flag.turns for flag in card.flags if flag.name == "masked"}
    assert flags == {
        "Card ending 1486 was given; it is masked.": (0,),
        "Code was given; it is masked.": (0,),
        "Password was given; it is masked.": (1,),
    }
    assert card.coverage.redactions == 3
    assert "hunter2" not in card.model_dump_json()


def test_an_interrupted_payment_asks_for_a_secure_link() -> None:
    """Nothing of a secure capture is kept; once it is paid there is nothing to do."""
    asked = turn("1", "bot", "Please pay now.")
    secret = turn("2", "customer", "4539 5787", secure_capture=True, slots={"pan": "4539"})
    paid = turn("3", "tool", tool_call=ToolCall(name="take_payment", ok=True))

    card = build_card(conversation(asked, secret))
    done = build_card(conversation(asked, secret, paid))

    assert "send a secure link" in card.next_step
    assert "payment" in {flag.name for flag in card.flags}
    assert "4539" not in card.model_dump_json()
    assert "secure link" not in done.next_step
