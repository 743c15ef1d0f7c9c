"""ROUGE, against figures of Google's rouge-score 0.1.2 without its stemmer."""

import pytest

from handoff.evaluation.cards.rouge import rouge

TEXT = "the customer wants to cancel reservation ABC123"
KNOWN = [
    (
        TEXT,
        "customer wants their reservation ABC123 cancelled and refunded",
        0.5333,
        0.3077,
        0.5333,
    ),
    ("a b c d e f", "a c b d f e", 1.0, 0.0, 0.6667),
    ("the cat the cat sat", "the cat sat on the mat", 0.7273, 0.4444, 0.5455),
    ("nothing", "else", 0.0, 0.0, 0.0),
    ("", "else", 0.0, 0.0, 0.0),
]


@pytest.mark.parametrize(("text", "reference", "one", "two", "longest"), KNOWN)
def test_known_figures(text: str, reference: str, one: float, two: float, longest: float) -> None:
    """To four decimals."""
    found = rouge(text, [reference])

    assert {name: round(value, 4) for name, value in found.items()} == {
        "rouge1": one,
        "rouge2": two,
        "rougeL": longest,
    }


def test_the_best_reference_counts() -> None:
    """In any script: words are letters of whatever language."""
    assert rouge("клиент хочет возврат", ["else", "Клиент хочет возврат!"])["rougeL"] == 1.0
