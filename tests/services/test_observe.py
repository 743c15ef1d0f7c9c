"""Taking a turn."""

import pytest

from handoff.domain.errors import ControlLost, TurnConflict
from handoff.services.deps import Deps
from handoff.services.end import end_conversation
from handoff.services.observe import Told
from handoff.services.rebuild import rebuild
from tests.services.conftest import ANN, TENANT, escalated, say


def test_a_turn_is_stored_and_answered(deps: Deps) -> None:
    """An ordinary turn goes on, numbered by arrival."""
    first = say(deps, "bot", "Hello, how can I help?").answer
    second = say(deps, "customer", "Where is my order?").answer

    assert (first["turn_index"], second["turn_index"]) == (0, 1)
    assert second["action"] == "continue"
    assert len(deps.store.read(TENANT, lambda tx: tx.conversations.turns("c1"))) == 2


def test_a_repeated_turn_gets_its_first_answer(deps: Deps) -> None:
    """A retry changes nothing, even after more was said."""
    first = say(deps, "customer", "I want to talk to a human", turn_id="t1")
    say(deps, "bot", "One moment.")

    again = say(deps, "customer", "I want to talk to a human", turn_id="t1")

    assert again.replayed
    assert again.answer == first.answer


def test_a_turn_id_with_other_words_is_a_conflict(deps: Deps) -> None:
    """An id names one turn for ever."""
    say(deps, "customer", "yes", turn_id="t1")

    with pytest.raises(TurnConflict, match="t1"):
        say(deps, "customer", "no", turn_id="t1")


def test_asking_for_a_person_opens_one_escalation_with_a_card(deps: Deps) -> None:
    """The answer of the turn carries the escalation and its card; the floor is nobody's."""
    answer = say(deps, "customer", "I want to talk to a human").answer

    assert answer["action"] == "escalate"
    assert answer["escalation"]["state"] == "queued"  # type: ignore[index,call-overload] # JSON
    assert answer["card"]["card_version"] == 1  # type: ignore[index,call-overload] # JSON
    assert answer["control"] == {"holder": "nobody", "name": None, "epoch": 2}


def test_the_bot_may_not_speak_with_an_old_epoch_but_is_recorded_without_one(deps: Deps) -> None:
    """Asking to speak is refused after the handoff; a record is marked."""
    say(deps, "bot", "Hello", told=Told(epoch=1))
    escalated(deps)

    with pytest.raises(ControlLost):
        say(deps, "bot", "Anything else?", told=Told(epoch=1))
    recorded = say(deps, "bot", "A person will be with you.").answer

    assert recorded["after_handoff"] is True


def test_a_waiting_customers_new_fact_reaches_the_card(deps: Deps) -> None:
    """What is said while waiting makes a new card version and an update to send."""
    escalation_id = escalated(deps)

    say(deps, "customer", "My order is HK-20418", slots={"order_number": "HK-20418"})

    card = deps.store.read(TENANT, lambda tx: tx.escalations.card(escalation_id))
    sent = deps.store.read(TENANT, lambda tx: tx.deliveries.of(escalation_id))
    assert card is not None
    assert card.card_version == 2
    assert "HK-20418" in card.model_dump_json()
    assert [delivery.event for delivery in sent] == ["opened", "updated"]


def test_a_humans_words_take_the_floor_and_the_escalation(deps: Deps) -> None:
    """On whatever channel a person speaks, the bot is out and somebody owns it."""
    escalation_id = escalated(deps)

    answer = say(deps, "human", "Hi, Ann here. Let me look.").answer

    escalation = deps.store.read(TENANT, lambda tx: tx.escalations.get(escalation_id))
    assert escalation is not None
    assert (escalation.state, escalation.owner) == ("active", "human")
    assert answer["control"]["holder"] == "human"  # type: ignore[index,call-overload] # JSON


def test_turns_in_any_order_end_in_the_state_of_in_order_replay(deps: Deps) -> None:
    """A late turn marks the state stale; the rebuild makes it equal to the orderly one."""
    texts = ["Where is my refund?", "I asked where my refund is", "It is still not here"]
    for index in (0, 2, 1):
        say(deps, "customer", texts[index], index=index)
    for index in (0, 1, 2):
        say(deps, "customer", texts[index], index=index, conversation="orderly")

    assert rebuild(deps, TENANT, "c1")

    heads = [
        deps.store.read(TENANT, lambda tx, c=c: tx.conversations.head(c)) for c in ("c1", "orderly")
    ]
    assert heads[0] is not None
    assert heads[1] is not None
    assert heads[0].detector == heads[1].detector
    assert not heads[0].stale


def test_a_revised_recognition_replaces_the_text(deps: Deps) -> None:
    """The recogniser's final text is what is kept and watched."""
    say(deps, "customer", "I want to talk to a", turn_id="t1", final=False)

    answer = say(deps, "customer", "I want to talk to a human", turn_id="t1", revision=1).answer

    turns = deps.store.read(TENANT, lambda tx: tx.conversations.turns("c1"))
    assert [stored.turn.text for stored in turns] == ["I want to talk to a human"]
    assert answer["action"] == "escalate"


def test_conversation_facts_are_kept(deps: Deps) -> None:
    """Channel, job and attributes come with any turn and stay."""
    say(deps, "bot", "Hi", told=Told(channel="voice", job="refund", attributes={"tier": "gold"}))
    say(deps, "customer", "Hello", told=Told(attributes={"region": "EU"}))

    head = deps.store.read(TENANT, lambda tx: tx.conversations.head("c1"))
    assert head is not None
    assert (head.channel, head.job) == ("voice", "refund")
    assert head.attributes == {"tier": "gold", "region": "EU"}


def ended(deps: Deps) -> None:
    """End the conversation."""
    deps.store.write(
        TENANT,
        lambda tx: end_conversation(tx, deps, "c1", "customer", None, by=ANN, at=deps.clock()),
    )


def test_what_the_bot_says_after_the_end_is_a_record(deps: Deps) -> None:
    """An ended conversation takes late turns of the bot without opening anything."""
    say(deps, "customer", "Thanks, bye")
    ended(deps)

    call = {"name": "transfer_to_human", "arguments": {}, "ok": True}
    answer = say(deps, "bot", turn_id="t9", tool_call=call).answer

    assert (answer["action"], answer["escalation"]) == ("continue", None)


def test_a_customer_who_speaks_again_resumes_an_ended_conversation(deps: Deps) -> None:
    """Nobody asks for a person in vain: it goes on, audited, and escalates."""
    say(deps, "customer", "Thanks, bye")
    ended(deps)

    answer = say(deps, "customer", "I want to talk to a human").answer

    head = deps.store.read(TENANT, lambda tx: tx.conversations.head("c1"))
    assert head is not None
    assert (answer["action"], head.ended_at) == ("escalate", None)
    assert answer["escalation"] is not None


def test_a_revision_resumes_an_ended_conversation_too(deps: Deps) -> None:
    """A customer still being recognised when it ended is there as well."""
    say(deps, "customer", "I want to talk", turn_id="t1", final=False)
    ended(deps)

    text = "I want to talk to a human"
    answer = say(deps, "customer", text, turn_id="t1", revision=1).answer

    head = deps.store.read(TENANT, lambda tx: tx.conversations.head("c1"))
    assert head is not None
    assert (answer["action"], head.ended_at) == ("escalate", None)


def test_a_final_revision_counts_like_the_turn(deps: Deps) -> None:
    """On a call with partial results a human takes the floor, and facts reach the card."""
    escalation_id = escalated(deps)
    say(deps, "customer", "my ord", turn_id="c5", final=False)
    say(deps, "customer", "my booking is XK77Q2", turn_id="c5", revision=1)
    say(deps, "human", "Hello th", turn_id="h1", final=False)

    answer = say(deps, "human", "Hello, this is Ann", turn_id="h1", revision=1).answer

    card = deps.store.read(TENANT, lambda tx: tx.escalations.card(escalation_id))
    assert card is not None
    assert "XK77Q2" in card.model_dump_json()
    assert answer["control"]["holder"] == "human"  # type: ignore[index,call-overload] # JSON


def test_asking_for_a_person_is_not_what_a_conversation_is_about(deps: Deps) -> None:
    """Conversation and escalation are counted under the intent that led there."""
    say(deps, "customer", "Why is my bill higher?", intent="billing_question")
    say(deps, "customer", "I want to talk to a human", intent="request_human")
    say(deps, "customer", "Thanks, bye", intent="goodbye")

    head = deps.store.read(TENANT, lambda tx: tx.conversations.head("c1"))
    escalation = deps.store.read(TENANT, lambda tx: tx.escalations.open_in("c1"))

    assert head is not None
    assert escalation is not None
    assert (head.intent, escalation.intent) == ("billing_question", "billing_question")


def test_a_contained_conversation_is_counted_under_what_the_customer_came_for(deps: Deps) -> None:
    """Neither under the greeting before it nor under the thanks after it."""
    for text, intent in (("Hi", "greet"), ("Where is it?", "track_parcel"), ("Bye", "goodbye")):
        say(deps, "customer", text, intent=intent)

    head = deps.store.read(TENANT, lambda tx: tx.conversations.head("c1"))

    assert head is not None
    assert head.intent == "track_parcel"


def test_what_a_recogniser_sends_late_is_ignored(deps: Deps) -> None:
    """A partial text, or one of an earlier revision, gets the answer of the final one."""
    first = say(deps, "customer", "I want to talk to a human", turn_id="t1", revision=2)

    late = [
        say(deps, "customer", "I want to", turn_id="t1", final=False, revision=revision)
        for revision in (0, 2, 3)
    ]
    late.append(say(deps, "customer", "I wand to talk", turn_id="t1", revision=1))

    stored = deps.store.read(TENANT, lambda tx: tx.conversations.turns("c1"))
    assert all(each.replayed for each in late)
    assert [each.answer for each in late] == [first.answer] * 4
    assert [each.turn.text for each in stored] == ["I want to talk to a human"]


def test_a_final_text_replaces_a_partial_one_of_any_revision(deps: Deps) -> None:
    """Recognisers count partial texts, and not all count the final one."""
    say(deps, "customer", "I want to talk", turn_id="t1", final=False, revision=7)

    final = say(deps, "customer", "I want to talk to a human", turn_id="t1")

    assert final.answer["action"] == "escalate"


def test_two_final_texts_of_one_revision_are_a_conflict(deps: Deps) -> None:
    """Nobody could tell which is meant; nor may another role take the turn."""
    say(deps, "customer", "hello", turn_id="t1")

    with pytest.raises(TurnConflict):
        say(deps, "customer", "hullo", turn_id="t1")
    with pytest.raises(TurnConflict):
        say(deps, "bot", "hello", turn_id="t1", revision=1)
