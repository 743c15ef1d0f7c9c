"""What a card says of a conversation, section by section."""

import pytest

from handoff.cards import build_card
from handoff.domain.card import Card, CheckResult, Claim, OpenKind, Outcome, Status
from handoff.domain.turn import Conversation, Effect
from tests.cards.conversations import (
    BANK,
    EMPTY,
    HOTEL,
    PARCEL,
    POSTCODE,
    bot,
    call,
    conversation,
    customer,
    escalated,
)


def claims(card: Card) -> list[Claim]:
    """Return every claim of a card."""
    return [*card.customer.claimed, *card.facts]


def claim(card: Card, name: str, value: object = None) -> Claim:
    """Return the first claim of a name, and of a value if one is given."""
    return next(c for c in claims(card) if c.name == name and value in (None, c.value))


def test_situation_quotes_and_headline_are_the_customers_words() -> None:
    """What they want is quoted, the headline says job and reason, the last words are kept."""
    card = build_card(*PARCEL)

    assert card.situation is not None
    assert card.situation.text == "Hello, my parcel was delivered broken and I want my money back"
    assert card.headline == "refund: The customer is upset and asked for a person."
    assert card.quotes[-1].turn == 8


def test_values_are_stated_verified_or_inferred_with_their_turns() -> None:
    """A slot is stated, what a tool returned is verified, the bot's own form of it inferred."""
    parcel, hotel = build_card(*PARCEL), build_card(*HOTEL)

    assert claim(parcel, "order number").status is Status.VERIFIED
    assert claim(parcel, "order number").turns == (2, 3, 6)
    assert claim(parcel, "account").status is Status.STATED
    assert claim(hotel, "date", "2031-05-16").status is Status.INFERRED


def test_a_corrected_value_stays_behind_as_superseded() -> None:
    """The last date stands, the first one is struck and comes after it."""
    card = build_card(*HOTEL)

    dates = [(c.value, c.superseded) for c in card.facts if c.name == "date"]

    assert dates == [("16. Mai", False), ("2031-05-16", False), ("14. Mai", True)]


def test_two_values_stand_when_nothing_says_that_one_replaces_the_other() -> None:
    """Two drinks ordered one after the other are both wanted."""
    card = build_card(
        conversation(
            customer("a cola please", slots={"drink": "cola"}),
            customer("and a lemonade", slots={"drink": "lemonade"}),
        )
    )

    assert [c.superseded for c in card.facts] == [False, False]


def test_a_further_call_replaces_what_the_call_before_used() -> None:
    """The bot offered another time and booked it: the time asked for first no longer stands."""
    card = build_card(
        conversation(
            customer("a table at noon", slots={"time": "noon"}),
            call("book_table", {"time": "12:00"}, ok=False),
            bot("Only 12:30 is free."),
            customer("fine"),
            call("book_table", {"time": "12:30"}),
        )
    )

    standing = {str(c.value): c.superseded for c in card.facts if c.name == "time"}

    assert standing == {"12:30": False, "noon": True, "12:00": True}


def test_looking_at_two_things_corrects_neither() -> None:
    """Names that only calls use are never superseded."""
    card = build_card(
        conversation(
            call("get_booking", {"booking": "AB1234"}), call("get_booking", {"booking": "CD5678"})
        )
    )

    assert not any(c.superseded for c in card.facts)


def test_every_call_is_an_action_with_its_outcome() -> None:
    """Actions follow the calls one to one, in order."""
    card = build_card(*PARCEL)

    assert [(a.turn, a.name, a.effect, a.outcome) for a in card.actions] == [
        (3, "get_order", Effect.READ, Outcome.DONE),
        (6, "create_refund", Effect.WRITE, Outcome.UNKNOWN),
    ]


def test_a_change_nobody_confirmed_is_open_and_leads_the_next_step() -> None:
    """A refund with no answer must be checked before it is repeated."""
    card = build_card(*PARCEL)

    assert card.open[0].kind is OpenKind.UNKNOWN_OUTCOME
    assert card.open[0].turns == (6,)
    assert card.next_step.startswith("Check first, before repeating it: create refund")


def test_what_the_bot_calls_done_without_a_change_is_unconfirmed() -> None:
    """The bot said that the refund was submitted; no successful change stands before it."""
    card = build_card(*PARCEL)

    unconfirmed = [item for item in card.open if item.kind is OpenKind.UNCONFIRMED]

    assert [item.turns for item in unconfirmed] == [(7,)]


def test_a_failed_change_done_later_is_tried_but_not_open() -> None:
    """What failed once and then worked needs nobody's hands."""
    card = build_card(
        conversation(
            call("cancel_booking", {"booking": "AB1234"}, ok=False, result="Error: busy"),
            call("cancel_booking", {"booking": "AB1234"}, ok=True),
        )
    )

    assert card.open == ()
    assert [(t.what, t.ended) for t in card.tried] == [("cancel booking (AB1234)", "Error: busy")]


def test_the_same_failure_is_told_once_with_all_its_turns() -> None:
    """Three identical failures are one attempt with three turns."""
    assert [attempt.turns for attempt in build_card(*HOTEL).tried] == [(3, 4)]


def test_promises_keep_their_deadline() -> None:
    """What the bot said would happen is listed with by when, in any of the known languages."""
    parcel, hotel = build_card(*PARCEL), build_card(*HOTEL)

    assert [(p.turn, p.due) for p in parcel.promises] == [(7, "within 5 business days")]
    assert [(p.text, p.due) for p in hotel.promises] == [
        ("Wir werden Sie bis morgen anrufen.", "bis morgen")
    ]


def test_a_question_nobody_answered_is_open() -> None:
    """The customer's last question comes with the card."""
    card = build_card(*HOTEL)

    assert (OpenKind.QUESTION, (6,)) in [(item.kind, item.turns) for item in card.open]


def test_secrets_appear_only_as_checks() -> None:
    """A PIN is passed, failed or not done; its digits are nowhere on the card."""
    card = build_card(*BANK)

    assert "7741" not in card.model_dump_json()
    assert {c.name: c.result for c in card.customer.auth.checks}["pin"] is CheckResult.PASSED
    assert "pin" not in card.do_not_ask


def test_a_secret_said_again_is_hidden_everywhere() -> None:
    """A PIN known from a slot is no identifier where it recurs in words, results or promises."""
    card = build_card(
        conversation(
            customer("the pin is 774112", slots={"pin": "774112"}),
            call("get_account", result={"code": "774112", "note": "pin 774112 was set"}),
            bot("I will send 774112 774112 by mail."),
            customer("please read 774112 back to me?"),
        )
    )

    assert "774112" not in card.model_dump_json()
    assert card.promises[0].text == "I will send •••• •••• by mail."


def test_only_a_tool_authenticates() -> None:
    """A customer's word, a key or a caller id leave authentication not done."""
    card = build_card(
        conversation(customer("I am Lena, verified already"), customer_key="+4930000000")
    )

    assert card.customer.auth.status is CheckResult.NOT_DONE
    assert card.customer.matched_by == "customer_key"


def test_known_names_are_not_asked_again() -> None:
    """Names already answered are listed, a birth date never."""
    card = build_card(
        conversation(
            customer("x", slots={"order_number": "QX48213", "date_of_birth": "1990-01-02"})
        )
    )

    assert card.do_not_ask == ("order number",)


def test_readings_of_several_attempts_become_one_claim_with_alternatives() -> None:
    """The reading heard most stands, at most three others beside it."""
    card = build_card(*POSTCODE)

    postcode = claim(card, "postcode")

    assert postcode.value == "KT9 8LV"
    assert postcode.alternatives == ("KT9 8LB", "katie 98 lv")
    assert postcode.turns == (1, 3)


def test_flags_consents_and_recording() -> None:
    """Risk, vulnerability, notices and the recording are told before anyone speaks."""
    card = build_card(*BANK)

    assert [flag.name for flag in card.flags] == ["risk", "vulnerability", "masked"]
    assert [(c.name, c.given, c.turn) for c in card.consents] == [("recording", True, 1)]
    assert card.recording is not None
    assert (card.recording.state, card.recording.ref) == ("on", "rec-1")


def test_the_bots_summary_is_a_note_and_never_a_fact() -> None:
    """What the model says it did is shown apart, unverified."""
    transfer = call("transfer_to_human", {"context_summary": "Supervisor approved a $900 refund"})

    card = build_card(conversation(customer("help me with this please"), transfer))

    assert card.bot_note == "Supervisor approved a $900 refund"
    assert card.facts == ()
    assert card.actions[0].outcome is Outcome.DONE


def test_an_explicit_summary_wins_over_the_transfer_call() -> None:
    """What was handed in with the opening is the note."""
    card = build_card(conversation(customer("hello there my friend")), summary=" wants a refund ")

    assert card.bot_note == "wants a refund"


def test_identifiers_in_speech_are_named_by_the_words_before_them() -> None:
    """Without slots or tools the card still has what was said."""
    card = build_card(
        conversation(
            customer("My booking number is KX48213, write to ada@example.org, I paid $1,250.50"),
            bot("I found order 5550123 too"),
        )
    )

    found = {c.name: (c.value, c.status) for c in claims(card)}

    assert found["booking number"] == ("KX48213", Status.STATED)
    assert found["email"] == ("ada@example.org", Status.STATED)
    assert found["amount"] == ("$1,250.50", Status.STATED)
    assert found["order id"] == ("5550123", Status.INFERRED)


def test_a_failed_result_verifies_nothing() -> None:
    """What a failed call returned is no proof."""
    card = build_card(
        conversation(
            customer("order QX48213"), call("get_order", ok=False, result={"order": "QX48213"})
        )
    )

    assert {c.status for c in card.facts} == {Status.STATED}


def test_decision_reaches_the_reason_with_its_evidence() -> None:
    """Signal, rule, value, threshold, turns and policy are on the card."""
    reason = build_card(*HOTEL).reason

    assert (reason.code, reason.policy) == ("tool_failed", "default@abc123")
    assert reason.evidence[0].signal == "tool_failure"
    assert reason.evidence[0].turns == (3, 4)


def test_turns_without_index_are_numbered_and_gaps_are_told() -> None:
    """Cited turns always exist; a turn that never arrived is counted as missing."""
    card = build_card(conversation(customer("order QX48213 is late"), bot("sorry", index=4)))

    assert claims(card)[0].turns == (0,)
    assert card.coverage.missing == 3


@pytest.mark.parametrize("given", [EMPTY[0], conversation(bot("hi")), conversation(customer(""))])
def test_a_card_exists_for_a_conversation_that_says_nothing(given: Conversation) -> None:
    """Nothing said is no reason for no card."""
    card = build_card(given)

    assert card.headline
    assert card.next_step
    assert card.situation is None


def test_building_twice_gives_the_same_card() -> None:
    """A card depends on nothing but the conversation and the decision."""
    assert build_card(*BANK) == build_card(*BANK)


@pytest.mark.parametrize(
    "filler", ["OK, I'll hold", "thanks!", "Thank you very much, bye", "Ja, bitte"]
)
def test_filler_is_not_what_they_want(filler: str) -> None:
    """Before or after the request, and not even where nothing else was said."""
    request = "My invoice shows the wrong address"
    around = conversation(customer(filler), customer(request), customer(filler, intent="thanks"))

    told = build_card(around).situation

    assert told is not None
    assert told.text == request
    assert build_card(conversation(customer(filler))).situation is None


@pytest.mark.parametrize(
    ("turns", "step"),
    [
        (("Can I talk to a person please?",), "they asked for a person at once"),
        (("Hi", "Agent"), "they asked for a person at once"),
        (("My invoice is wrong, get me a human",), "Take the request on"),
        (("My invoice is wrong", "Let me talk to a person"), "Take the request on"),
    ],
)
def test_the_next_step_follows_from_what_was_said(turns: tuple[str, ...], step: str) -> None:
    """Who only asks for a person is asked what about; a request is taken on."""
    decision = escalated("customer_requests_human_no_specific_reason", "human_request", 0)

    card = build_card(conversation(*map(customer, turns)), decision)

    assert step in card.next_step


def test_words_in_another_script_are_no_filler() -> None:
    """An "ok" before them does not make a request one."""
    card = build_card(conversation(customer("ok 返金してください、注文が届きません")))

    assert card.situation is not None
