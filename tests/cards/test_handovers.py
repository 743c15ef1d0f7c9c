"""What the cards of the twelve handovers say, against expectations written by hand."""

from dataclasses import dataclass

import pytest

from handoff.cards import build_card
from handoff.domain.card import Card, OpenKind
from tests.cards.handovers import HANDOVERS

FAILED, UNKNOWN, QUESTION = OpenKind.FAILED_ACTION, OpenKind.UNKNOWN_OUTCOME, OpenKind.QUESTION


@dataclass(frozen=True)
class Expected:
    """What a person must find on the card of one handover."""

    due: str
    """When the bot promised something for, in its words."""
    open: tuple[tuple[OpenKind, int], ...]
    """Kinds of what is open, with the turns."""
    tried: tuple[str, ...]
    """How each attempt that failed begins."""
    known: tuple[str, ...]
    """What must not be asked again."""
    step: str
    """How the next step begins."""
    struck: tuple[str, str]
    """Name and value that a later one replaced."""
    stands: str
    """The value that stands instead."""


EXPECTED = {
    "redirect": Expected(
        "within 24 hours", ((FAILED, 4), (QUESTION, 6)),
        ("redirect parcel (GR-55120", "“I already called the depot"), ("parcel", "day", "address"),
        "Do by hand: redirect parcel", ("day", "3 June"), "5 June",
    ),
    "table": Expected(
        "within ten minutes", ((UNKNOWN, 6), (QUESTION, 8)), ("book table",), ("party", "name"),
        "Check first, before repeating it: book table", ("time", "eight pm"), "half past nine",
    ),
    "router": Expected(
        "by tomorrow", ((FAILED, 7), (QUESTION, 9)),
        ("find account (77120934)", "book engineer", "“I have already restarted the router"),
        ("account number",), "Do by hand: book engineer (77120943)",
        ("account number", "77120934"), "77120943",
    ),
    "meter": Expected(
        "within 3 days", ((UNKNOWN, 5), (OpenKind.UNCONFIRMED, 6), (QUESTION, 7)),
        ("submit reading (44199)",), ("reading",),
        "Check first, before repeating it: submit reading (54199)", ("reading", "44199"), "54199",
    ),
    "storno": Expected(
        "innerhalb von 2 Tagen", ((FAILED, 4), (QUESTION, 6)),
        ("cancel booking (HX-90411", "“Ich habe schon zweimal angerufen"), ("buchung", "datum"),
        "Do by hand: cancel booking", ("datum", "2. August"), "4. August",
    ),
    "umzug": Expected(
        "bis Freitag", ((UNKNOWN, 5), (QUESTION, 7)), ("find customer (55102)",),
        ("kundennummer",), "Check first, before repeating it: move contract",
        ("kundennummer", "55102"), "55201",
    ),
    "gutschrift": Expected(
        "innerhalb von 5 Werktagen", ((FAILED, 4), (QUESTION, 6), (QUESTION, 6)),
        ("create credit (S-44-8812",), ("bestellung", "betrag"), "Do by hand: create credit",
        ("betrag", "89,90 Euro"), "98,90 Euro",
    ),
    "vuelo": Expected(
        "en 2 horas", ((FAILED, 4), (QUESTION, 6)),
        ("change flight (ZT4481", "“Ya he llamado dos veces"), ("reserva", "fecha"),
        "Do by hand: change flight", ("fecha", "10 de mayo"), "12 de mayo",
    ),
    "tarjeta": Expected(
        "en 5 días hábiles", ((UNKNOWN, 4), (FAILED, 5), (QUESTION, 7)), ("order card",),
        ("nombre", "desde"), "Check first, before repeating it: block card", ("desde", "martes"),
        "lunes",
    ),
    "pedido": Expected(
        "dentro de 3 días", ((QUESTION, 6),), ("find order (60-1182)",), ("pedido",),
        "Answer in another way than the bot", ("pedido", "60-1182"), "60-1128",
    ),
    "commande": Expected(
        "dans 2 heures", ((FAILED, 4), (QUESTION, 6), (QUESTION, 6)), ("book pickup (88120",),
        ("commande",), "Do by hand: book pickup", ("jour", "jeudi"), "vendredi",
    ),
    "reklamacja": Expected(
        "w ciągu 3 dni roboczych", ((UNKNOWN, 4), (FAILED, 5), (QUESTION, 7)),
        ("notify courier (PK-7731)",), ("zamówienie", "kwota"),
        "Check first, before repeating it: create refund", ("kwota", "120 zł"), "210 zł",
    ),
}  # fmt: skip


def made(name: str) -> Card:
    """Return the card of a handover."""
    return build_card(*HANDOVERS[name])


def test_every_handover_is_expected() -> None:
    """Twelve at least, in three languages, by voice and in chat."""
    talks = [talk for talk, _ in HANDOVERS.values()]

    assert set(EXPECTED) == set(HANDOVERS)
    assert len(talks) >= 12
    assert {talk.language for talk in talks} >= {"en", "de", "es"}
    assert {talk.channel for talk in talks} == {"voice", "chat"}


@pytest.mark.parametrize("name", EXPECTED)
def test_what_was_promised_and_what_is_open(name: str) -> None:
    """The deadline is in the bot's words; open effects and questions cite their turns."""
    card, expected = made(name), EXPECTED[name]

    assert card.promises[-1].due == expected.due
    assert tuple((item.kind, item.turns[0]) for item in card.open) == expected.open


@pytest.mark.parametrize("name", EXPECTED)
def test_what_was_tried_and_what_comes_next(name: str) -> None:
    """Each attempt is told once, and the next step follows from what is open or refused."""
    card, expected = made(name), EXPECTED[name]

    assert len(card.tried) == len(expected.tried)
    for attempt, start in zip(card.tried, expected.tried, strict=True):
        assert attempt.what.startswith(start)
    assert card.next_step.startswith(expected.step)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_last_value_stands_and_is_not_asked_again(name: str) -> None:
    """The earlier value is struck, the later one stands, and what was given is not asked again."""
    card, expected = made(name), EXPECTED[name]
    claims = {
        (claim.name, str(claim.value)): claim.superseded
        for claim in (*card.customer.claimed, *card.facts)
    }

    assert claims[expected.struck] is True
    assert claims[expected.struck[0], expected.stands] is False
    assert set(expected.known) <= set(card.do_not_ask)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_story_tells_the_customers_issue_first(name: str) -> None:
    """Two to four sentences, each in the words of the turn it cites, the customer's first."""
    talk, _ = HANDOVERS[name]
    said = {turn.index: turn.text for turn in talk.numbered()}
    story = made(name).narrative

    assert 2 <= len(story) <= 4
    assert story[0].text.startswith("Customer: ")
    for statement in story:
        assert statement.text.partition(": ")[2] in said[statement.turns[0]]


@pytest.mark.parametrize(
    ("name", "value"), [("table", "eight pm"), ("router", "77120934"), ("pedido", "60-1182")]
)
def test_a_value_that_no_tool_took_is_marked(name: str, value: str) -> None:
    """What was tried and refused must not be tried again."""
    card = made(name)

    refused = [str(c.value) for c in (*card.customer.claimed, *card.facts) if c.refused]

    assert refused == [value]
