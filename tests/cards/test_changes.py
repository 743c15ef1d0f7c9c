"""What a newer card marks as new once a human has taken it."""

from handoff.cards import build_card
from handoff.cards.changes import since_taken
from handoff.domain.card import Card, Claim, Statement, Status
from tests.cards.conversations import conversation, customer


def card(*claims: Claim, **fields: object) -> Card:
    """Return a card with these facts."""
    made = build_card(conversation(customer("Where is my parcel from last week?")))
    return made.model_copy(update={"facts": claims, **fields})


def claim(value: str, *turns: int, name: str = "order") -> Claim:
    """Return a claim of the customer."""
    return Claim(name=name, value=value, status=Status.STATED, turns=turns)


def test_what_was_there_keeps_its_place() -> None:
    """A new value stands last, however important it is; the section is marked."""
    earlier = card(claim("A-1", 0), claim("B-2", 0))

    newer = since_taken(earlier, card(claim("C-3", 4), claim("B-2", 0), claim("A-1", 0)))

    assert [fact.value for fact in newer.facts] == ["A-1", "B-2", "C-3"]
    assert newer.changed == ("facts",)


def test_a_value_that_was_replaced_is_struck_where_it_stood() -> None:
    """The human finds it where they read it."""
    struck = claim("A-1", 0).model_copy(update={"superseded": True})

    newer = since_taken(card(claim("A-1", 0)), card(claim("A-2", 3), struck))

    assert newer.facts == (struck, claim("A-2", 3))


def test_saying_it_again_is_nothing_new() -> None:
    """Further turns may be cited without a mark."""
    newer = since_taken(card(claim("A-1", 0)), card(claim("A-1", 0, 5)))

    assert (newer.changed, newer.facts[0].turns) == ((), (0, 5))


def test_what_was_new_stays_marked() -> None:
    """A human may not have looked between two versions; sections keep the card's order."""
    earlier = card(changed=("facts",))
    story = (Statement(text="It is late.", turns=(0,)),)

    assert since_taken(earlier, card(narrative=story)).changed == ("narrative", "facts")
