"""Transcripts as they are laid out."""

from dataclasses import replace

from handoff.domain.card import Claim, Status
from handoff.domain.conversation import StoredTurn
from handoff.web.citations import citations
from handoff.web.transcript import SHOWN, Piece, TurnItem, pieces, transcript
from tests import factories


def only(stored: StoredTurn) -> TurnItem:
    """Return the one turn of a transcript, laid out."""
    (item,) = transcript([stored], None, None, None).items
    return item


def test_masks_are_marked() -> None:
    """What redaction left is told apart from what was said."""
    assert pieces("It is [card ••5556], code [code].") == (
        Piece("It is ", masked=False),
        Piece("[card ••5556]", masked=True),
        Piece(", code ", masked=False),
        Piece("[code]", masked=True),
        Piece(".", masked=False),
    )


def test_an_interrupted_bot_said_only_what_was_heard() -> None:
    """The rest is shown as not heard."""
    item = only(factories.stored(role="bot", text="We refund you today.", heard="We refund"))

    assert item.pieces == (Piece("We refund", masked=False),)
    assert item.unheard == "you today."
    assert item.remarks == ("interrupted",)


def test_what_a_turn_is_marked_with() -> None:
    """After the handoff, not final, captured securely, by keypad."""
    late = replace(factories.stored(role="bot"), after_handoff=True)
    captured = factories.stored(text="", secure_capture=True, input="dtmf", final=False)

    assert only(late).remarks == ("after the handoff",)
    assert only(captured).remarks == (
        "not final",
        "secure capture: no words are kept",
        "keypad",
    )


def test_secret_arguments_are_hidden() -> None:
    """What its name calls secret is not shown, in slots or calls."""
    call = {"name": "log_in", "arguments": {"password": "hunter2", "user": "mo"}, "ok": None}

    item = only(factories.stored(role="tool", text="", tool_call=call, slots={"pin": "1234"}))

    assert item.call is not None
    assert item.call.outcome == "unknown"
    assert dict(item.call.arguments) == {"password": "••••", "user": "mo"}
    assert item.slots == (("pin", "••••"),)


def test_missing_turns_leave_a_gap() -> None:
    """Numbers that never arrived are counted."""
    turns = [factories.stored(str(n), index=n) for n in (0, 1, 4)]

    gaps = [item.gap.missing for item in transcript(turns, None, None, None).items]

    assert gaps == [0, 0, 2]


def test_a_long_transcript_keeps_its_end_and_what_is_cited() -> None:
    """The rest is one link away."""
    turns = [factories.stored(str(n), index=n) for n in range(SHOWN + 50)]
    claim = Claim(name="order", value="1", status=Status.STATED, turns=(7,))
    card = factories.card(facts=(claim,))

    short = transcript(turns, card, None, "en")
    whole = transcript(turns, card, None, "en", whole=True)

    assert [item.index for item in short.items] == [7, *range(50, SHOWN + 50)]
    assert [item.gap.skipped for item in short.items[:2]] == [7, 42]
    assert (short.skipped, whole.skipped) == (49, 0)
    assert short.items[0].cited_by == ("order",)


def test_the_turn_that_opened_is_marked() -> None:
    """Exactly that one."""
    turns = [factories.stored(str(n), index=n) for n in range(3)]

    opened = [item.opened_here for item in transcript(turns, None, 1, None).items]

    assert opened == [False, True, False]


def test_a_turn_names_few_of_its_citations() -> None:
    """Four, and how many more there are."""
    claims = [
        Claim(name=f"fact {n}", value=n, status=Status.INFERRED, turns=(3, 3)) for n in range(7)
    ]

    cited = citations(factories.card(facts=tuple(claims)))

    assert cited == {3: ("fact 0", "fact 1", "fact 2", "fact 3", "3 more")}
