"""How the customer sounded last, where a tenant wants that on the card: off by default."""

from handoff.cards.reading import Reading, index_of
from handoff.detection.phrases import shipped
from handoff.domain.text import normalise
from handoff.domain.turn import Role

_LAST = 5
"""Turns of the customer that are read."""
_KINDS = {
    "in_danger": "may be in danger",
    "threatens": "threatens",
    "profane": "angry",
    "frustrated": "upset",
    "complains": "complains",
    "goal_done": "content",
}
"""What a phrase says of the mood, the gravest first."""


def mood(reading: Reading) -> str:
    """Return the gravest mood of the customer's last turns with where it shows, else `calm`."""
    book = shipped()
    said = [turn for turn in reading.turns if turn.role is Role.CUSTOMER and turn.text][-_LAST:]
    heard: dict[str, int] = {}
    for turn in said:
        text = normalise(turn.text)
        for kind in book.read(text, text.split(), turn.language or reading.conversation.language):
            heard[kind] = index_of(turn)
    found = next((kind for kind in _KINDS if kind in heard), None)
    return f"{_KINDS[found]} (turn {heard[found] + 1})" if found else "calm"
