"""Turns that need no look at those before them are those that complete nothing."""

import random

import pytest

from handoff.domain.asked import NOTHING
from handoff.domain.listening import Listening
from handoff.domain.redaction import redact_turn
from handoff.domain.spread import joined, over, sealed
from handoff.domain.turn import Turn
from tests.domain.test_redaction import card_number

SAID = (
    "ok", "my order is 48291", "yes 12 of them", "the card says", "visa", "VISA it is", "und karte",
    "my phone is 555 0142", "one two three", "it was $45.20", "on 12 March", "AB-12", "tarjeta",
    "first four please", "what is your order number?", "thanks", "2", "ＶＩＳＡ", "cartão", "7",
)  # fmt: skip


def talk(chance: random.Random) -> list[Turn]:
    """Return a conversation in which a card number comes in pieces among other words."""
    number, said = card_number(chance), []
    while number:
        size = chance.choice((1, 2, 3, 4, 4, 4, 4, 5, 6, 8, 10))
        before, after = chance.choice(("", "", "", "it is ", "uh ")), chance.choice(("", "", " ok"))
        said.append(("customer", before + number[:size] + after))
        number = number[size:]
        said += [
            (chance.choice(("customer", "bot", "bot")), chance.choice(SAID))
            for _ in range(chance.choice((0, 0, 1, 2)))
        ]
    said = [("bot", chance.choice(SAID)) for _ in range(chance.randrange(4))] + said
    return [
        Turn.model_validate({"turn_id": str(at), "index": at, "role": role, "text": text})
        for at, (role, text) in enumerate(said)
    ]


def all_looked_at(turns: list[Turn]) -> tuple[Turn, ...]:
    """Return the turns masked with a look at all of them, whatever they hold."""
    listening = Listening()
    clean = []
    for turn in turns:
        clean.append(sealed(listening, turn))
        listening = listening.heard(clean[-1])
    for at, turn in joined(clean).items():
        clean[at] = turn
    return tuple(clean)


def test_no_look_is_spared_that_would_have_found_something() -> None:
    """Of 3,000 conversations with a card number in pieces each is masked as after a full look."""
    chance = random.Random(20261128)
    masked = 0

    for _ in range(3_000):
        turns = [redact_turn(turn)[0] for turn in talk(chance)]
        whole = over(turns)
        assert whole == all_looked_at(turns)
        masked += any("[card" in turn.text for turn in whole)

    assert masked > 1_000


def test_what_is_remembered_holds_no_digits_of_a_number() -> None:
    """Only how long each is; and it comes back from the store as it was."""
    listening = Listening()
    for at, text in enumerate(("visa", "4539", "5787 6362")):
        turn = Turn(turn_id=str(at), index=at, role="customer", text=text)
        listening = listening.heard(turn)

    told = listening.stored()

    assert told == {"pieces": [[1, True, 4], [2, True, 8]], "card": 0}
    assert Listening.of(told) == listening
    assert listening.asked == NOTHING


def test_what_was_remembered_before_lengths_were_is_taken_for_long() -> None:
    """A conversation that was going on when the service was renewed is looked at as before."""
    listening = Listening.of({"pieces": [3, 5]})
    turn = Turn(turn_id="t", index=7, role="customer", text="and then 1486 if you like")

    assert listening.looks_back(turn) == -1


@pytest.mark.parametrize(
    ("before", "text", "kept"),
    [
        ("I lost my credit card", "it is 5454 5432 8753 5435", "it is [card ••5435]"),
        ("visa", "4111111111111112 I think", "[card ••1112] I think"),
        ("visa", "my order number is 4111111111111112", "my order number is 4111111111111112"),
        ("where is it", "4111111111111112 I think", "4111111111111112 I think"),
        ("my card", "1131300043999102", "1131300043999102"),
    ],
)
def test_a_card_number_with_a_digit_misheard_is_masked_where_a_card_is_spoken_of(
    before: str, text: str, kept: str
) -> None:
    """Recognisers mishear: the check digit then proves nothing, the words around it do."""
    turns = [
        Turn(turn_id=str(at), index=at, role="customer", text=said)  # type: ignore[arg-type] # a StrEnum's word
        for at, said in enumerate((before, text))
    ]

    assert over(turns)[-1].text == kept
