"""What goes first where a form is small, and what is said of the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.cards.budget import PRIORITY, Item, Part, fit, left_out_line, shortened
from handoff.cards.wording import LANGUAGES, words_of
from handoff.domain.reasons import REASONS

LINK = "https://desk.example/1"
ITEMS = st.lists(
    st.builds(Item, st.sampled_from(Part), st.text(max_size=30), short=st.text(max_size=5))
)


def test_what_counts_most_finds_room_first() -> None:
    """The order things come in does not matter, their part does."""
    items = [Item(part, "x" * 10) for part in reversed(Part)]

    found = fit(items, 30, lambda item: len(item.text))

    assert [item.part for item in found.items] == [Part.WHY, Part.WANTS, Part.FLAGS]
    assert sum(found.left_out.values()) == len(Part) - 3


def test_the_short_form_stands_where_the_whole_finds_no_room() -> None:
    """It is told, and counted as left out all the same."""
    item = Item(Part.CHANGED, "refund: QX-48213-B, amount 64.90", short="refund")

    found = fit([item], 10, lambda item: len(item.text))

    assert [item.text for item in found.items] == ["refund"]
    assert found.left_out == {"action": 1}


@given(ITEMS, st.integers(0, 120))
def test_nothing_is_lost_and_nothing_is_too_much(items: list[Item], room: int) -> None:
    """Shown whole, or counted; in the order of parts; never more than there is room for."""
    found = fit(items, room, lambda item: len(item.text), heading=lambda _: 3)
    whole = [item for item in found.items if item in items]
    ranks = [PRIORITY[item.part] for item in found.items]

    spent = sum(len(item.text) for item in found.items) + 3 * len({*ranks})
    assert spent <= max(room, 0)
    assert ranks == sorted(ranks)
    assert len(whole) + sum(found.left_out.values()) >= len(items)


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("short enough", 20, "short enough"),
        ("cut between two words here", 20, "cut between two…"),
        ("case 2031 05 88 417 is open", 17, "case…"),
        ("the code QX-48213-B is wrong", 15, "the code…"),
        ("see https://a.example/very/long/path now", 20, "see…"),
        ("一二三四五六七八九十", 6, "一二三四五…"),
        ("a\n b\t c", 9, "a b c"),
        ("x" * 50, 10, "…"),
    ],
)
def test_a_sentence_is_cut_between_words_and_never_in_a_number(
    text: str, limit: int, kept: str
) -> None:
    """What is kept is whole; a cut is shown."""
    assert shortened(text, limit) == kept


@given(st.text(), st.integers(1, 40))
def test_a_shortened_text_keeps_its_limit(text: str, limit: int) -> None:
    """Whatever the text; none of its codes appears in part."""
    assert len(shortened(text, limit)) <= limit


def test_what_was_left_out_is_told_with_its_place() -> None:
    """By kind, facts first; nothing is said where nothing was left out."""
    words = words_of("en")

    assert (
        left_out_line({"quote": 2, "fact": 3}, words, LINK)
        == f"Not shown: 3 facts, 2 quotes: {LINK}"
    )
    assert left_out_line({"item": 1}, words, None) == "Not shown: 1 item (on the full card)"
    assert left_out_line({}, words, LINK) == ""


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_reason_has_a_sentence(language: str) -> None:
    """A person reads why in their own language."""
    assert words_of(language).reasons.keys() == REASONS.keys()
