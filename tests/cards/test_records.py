"""Which record of a result the bot told of."""

from handoff.cards import build_card
from handoff.domain.card import Status
from tests.cards.conversations import bot, call, conversation, customer

ROOMS = [
    {"room": "Elm", "floor": "Third floor", "free": "2031-04-09", "view": "Harbour"},
    {"room": "Oak", "floor": "First floor", "free": "2031-04-12", "view": "Courtyard"},
]


def test_two_values_in_one_breath_name_the_others() -> None:
    """The bot offered one room: its day counts, though it was said in other words."""
    card = build_card(
        conversation(
            customer("a quiet room please"),
            call("find_rooms", {"kind": "quiet"}, result=ROOMS),
            bot("There is one on the first floor with a courtyard view, free from April 12."),
        )
    )

    told = {claim.name: claim for claim in card.facts if claim.status is Status.VERIFIED}

    assert told["free"].value == "2031-04-12"
    assert told["view"].value == "Courtyard"
    assert told["free"].turns == (1, 2)


def test_one_common_value_tells_of_no_record() -> None:
    """A day alone may belong to anything."""
    card = build_card(
        conversation(
            call("find_rooms", {"kind": "quiet"}, result=ROOMS), bot("We are closed on April 12.")
        )
    )

    assert "free" not in {claim.name for claim in card.facts}
