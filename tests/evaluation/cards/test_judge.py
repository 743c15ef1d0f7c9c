"""One card held against gold, calls and cited turns, each figure counted by hand."""

from random import Random

import pytest
from pydantic import JsonValue

from handoff.cards import build_card
from handoff.domain.card import CardAction, Claim, Outcome, Statement, Status
from handoff.domain.turn import Conversation, Effect, Role, ToolCall, Turn
from handoff.evaluation.cards.judge import unlabelled
from handoff.evaluation.cards.report import card_figures, grouped, spread
from handoff.evaluation.gold import Case
from tests.evaluation.cards.staged import TALK, judged, share

CARD = build_card(TALK)


def test_a_state_of_any_shape() -> None:
    """Each value that was said is looked for; what nobody said is counted apart."""
    state: JsonValue = {"order": "xk-4711", "trip": {"days": ["4 May", "7 June"]}, "late": True}
    found = judged(state=state)

    assert share(found, "facts", "text")[1] == 2
    assert share(found, "facts", "named")[0] >= 1
    assert found.counts["excluded: never said"] == 1
    assert found.counts["excluded: says yes or no, or nothing"] == 1


def test_a_wrong_outcome_and_an_invented_action() -> None:
    """The call is there but told as done; another one was never made."""
    told = CardAction(
        turn=1, name="cancel_order", arguments={}, effect=Effect.WRITE, outcome=Outcome.DONE
    )
    made_up = told.model_copy(update={"name": "refund", "turn": 2})
    found = judged(CARD.model_copy(update={"actions": (told, made_up)}))

    assert share(found, "write calls", "found") == (1, 1)
    assert share(found, "write calls", "right outcome") == (0, 1)
    assert found.counts["invented actions"] == 1
    assert found.bad == ("action refund at turn 2: no such call",)


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (("order", "XK4712", (0,)), "value not in the cited turns"),
        (("order", "XK4711", (2,)), "value not in the cited turns"),
        (("order", "XK4711", (9,)), "cites a turn that does not exist"),
        (("order", "XK4711", ()), "cites no turn"),
        (("order", "XK4711", (0,)), ""),
        (("order", "[redacted]", (0,)), ""),
    ],
)
def test_claims_rest_on_the_turns_they_cite(
    claim: tuple[str, str, tuple[int, ...]], why: str
) -> None:
    """A value elsewhere in the conversation does not help; a mask is no made-up value."""
    name, value, turns = claim
    made = Claim(name=name, value=value, status=Status.STATED, turns=turns)
    found = judged(CARD.model_copy(update={"facts": (made,)}))

    assert [reason.rpartition(": ")[2] for reason in found.bad] == ([why] if why else [])


@pytest.mark.parametrize(
    ("text", "turns", "supported"),
    [
        ("The customer says that order XK4711 is late.", (0,), True),
        ("The bot promised it for May 4.", (2,), True),
        ("The bot promised it for May 5.", (2,), False),
        ("Her name is Rosa.", (0,), True),
        ("Her name is Carmen.", (0,), False),
        ("See https://example.com for more.", (0,), False),
        ("The order is late.", (), False),
        ("The order is late.", (-1,), False),
    ],
)
def test_a_narrative_makes_nothing_up(
    text: str, turns: tuple[int, ...], *, supported: bool
) -> None:
    """Numbers, dates, names and links of a sentence are in the turns that it cites."""
    story = (Statement(text=text, turns=turns),)
    found = judged(CARD.model_copy(update={"narrative": story}))

    assert share(found, "statements", "grounded") == (int(supported), 1)
    assert bool(found.bad) is not supported


def test_references_are_compared_with_the_narrative() -> None:
    """Where there is one; else with the text form."""
    story = (Statement(text="The order is late", turns=(0,)),)
    told = judged(CARD.model_copy(update={"narrative": story}), reference_summaries=["Order late"])
    plain = judged(reference_summaries=["Order late"])

    assert told.rouge["rouge1"] == pytest.approx(2 / 3)
    assert 0 < plain.rouge["rouge1"] < told.rouge["rouge1"]
    assert judged().rouge == {}


def test_what_is_gold_is_hidden_from_who_writes() -> None:
    """Annotated intents, somebody else's summary and, for words only, marked slots."""
    call = ToolCall(name="transfer_to_human_agents", arguments={"summary": "s", "to": "x"})
    turns = (
        Turn(turn_id="0", index=0, role=Role.CUSTOMER, intent="gold", slots={"a": 1}),
        Turn(turn_id="1", index=1, role=Role.TOOL, tool_call=call),
    )
    talk = Conversation(conversation_id="c1", turns=turns)

    [said, _] = unlabelled(Case(talk, "multidogo"), words_only=True).turns
    [_, called] = unlabelled(Case(talk, "tau-airline")).turns

    assert (said.intent, said.slots) == (None, {})
    assert called.tool_call
    assert called.tool_call.arguments == {"to": "x"}
    assert unlabelled(Case(talk, "mine")) == talk


def test_cards_are_summed_up_with_intervals() -> None:
    """One card has the fact, one does not."""
    whole = CARD.model_copy(update={"narrative": ()})
    less = whole.model_copy(update={"facts": ()})
    both = [judged(card, state={"order": "XK4711"}) for card in (whole, less)]
    figures = card_figures(both, times=200, rng=Random(1))
    measure = figures.measures["facts"]

    assert (measure.needed, measure.ways["claims"]) == (2, 1)
    assert measure.share("claims") == 0.5
    assert measure.intervals["claims"] == (0.0, 1.0)
    assert len(measure.misses) == 1
    assert "narrative" not in measure.ways
    assert list(grouped(both)) == [("mine", None)]


def test_a_spread_is_by_nearest_rank() -> None:
    """Of one value, everything is that value."""
    assert spread([3.0]) == spread([3.0, 3.0])
    assert spread([float(n) for n in range(101)]).p95 == 95.0
