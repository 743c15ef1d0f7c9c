"""Secrets over several turns, as the service stores them: in any order of arrival."""

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handoff.domain.card import card_json
from handoff.services.deps import Deps
from handoff.services.observe import Observed
from handoff.services.rebuild import rebuild
from tests.services.conftest import TENANT, say

PIECES = ("4539", "5787", "6362", "1486")
NAMES = count()


def turn(deps: Deps, role: str, text: str, **fields: object) -> Observed:
    """Take one turn whose id says nothing of it."""
    return say(deps, role, text, **{"turn_id": f"t{next(NAMES)}", **fields})  # type: ignore[arg-type] # by name


def texts(deps: Deps, conversation: str = "c1") -> list[str]:
    """Return the stored words of a conversation."""
    stored = deps.store.read(TENANT, lambda tx: tx.conversations.turns(conversation))
    return [one.turn.text for one in stored]


def everything(deps: Deps, conversation: str = "c1") -> str:
    """Return all that is stored of a conversation: turns, answers, state, card versions."""

    def read(tx):  # type: ignore[no-untyped-def] # a transaction
        head = tx.conversations.head(conversation)
        said = [(one.turn.model_dump(), one.answer) for one in tx.conversations.turns(conversation)]
        cards = [
            card_json(tx.escalations.card(head.last_escalation, version))
            for version, _ in tx.escalations.card_versions(head.last_escalation or "")
        ]
        return str((said, head.detector, cards, tx.events.after(0, 1_000)))

    return str(deps.store.read(TENANT, read))


def test_the_turn_that_completes_a_number_masks_its_earlier_pieces(deps: Deps) -> None:
    """Nobody asked for a card: when the last piece comes, none is left anywhere."""
    turn(deps, "bot", "How would you like to pay?")
    turn(deps, "customer", "visa 4539", slots={"amount_or_card": "4539"})
    turn(deps, "customer", "I want to talk to a human")
    for piece in PIECES[1:3]:
        turn(deps, "customer", piece)
    assert "4539" in everything(deps)

    said = turn(deps, "customer", "1486 ok")

    assert not any(piece in everything(deps) for piece in PIECES[:3])
    assert texts(deps)[-1] == "[card ••1486] ok"
    assert said.stale
    assert rebuild(deps, TENANT, "c1")
    assert not any(piece in everything(deps) for piece in PIECES[:3])


def test_in_answer_to_a_question_masking_begins_at_the_first_piece(deps: Deps) -> None:
    """A card number that was asked for never reaches the store, not even a part of it."""
    turn(deps, "bot", "What is your card number, please?")
    for piece in PIECES[:3]:
        turn(deps, "customer", piece)
        turn(deps, "bot", f"I have {piece}, go on.")
    turn(deps, "customer", "1486")

    stored = everything(deps)

    assert not any(piece in stored for piece in PIECES[:3])
    assert texts(deps)[1:3] == ["[card digits ×4]", "I have [card digits ×4], go on."]
    assert texts(deps)[-1] == "[card ••1486]"


def test_a_code_that_was_asked_for_is_masked_and_an_order_number_is_not(deps: Deps) -> None:
    """What the bot asked for says what the digits are."""
    for asked, given_ in (
        ("Please enter the code we texted to you.", "482913"),
        ("And your PIN?", "4711"),
        ("What is your order number?", "48291"),
    ):
        turn(deps, "bot", asked)
        turn(deps, "customer", given_)

    assert texts(deps)[1::2] == ["[one-time code]", "[PIN]", "48291"]


def test_a_repeat_of_a_masked_turn_is_still_the_same_turn(deps: Deps) -> None:
    """What is compared is what was sent, not what masking left."""
    turn(deps, "bot", "What is your card number?")
    first = turn(deps, "customer", "4539", turn_id="t1")

    again = turn(deps, "customer", "4539", turn_id="t1")

    assert again.replayed
    assert again.answer == first.answer


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(9)), asked=st.booleans(), revised=st.booleans())
def test_in_whatever_order_turns_arrive_no_digits_are_left(
    deps: Deps, order: list[int], asked: bool, revised: bool
) -> None:
    """Late and revised turns complete a number, or its context, as those in order do."""
    opening = "What is your card number?" if asked else "How would you like to pay?"
    said = [("bot", opening)]
    for at, piece in enumerate(PIECES):
        said += [
            ("customer", f"visa {piece}" if not at and not asked else piece),
            ("bot", "Go on."),
        ]
    name = f"c{next(NAMES)}"
    for place in order:
        role, text = said[place]
        fields = {"index": place, "turn_id": f"t{place}", "conversation": name}
        if revised and role == "customer":
            turn(deps, role, text[:2], revision=0, final=False, **fields)
        turn(deps, role, text, revision=1, **fields)

    left = " ".join(texts(deps, name))

    assert not any(piece in left for piece in PIECES[:3])
    assert "1486" not in left.replace("••1486", "")
