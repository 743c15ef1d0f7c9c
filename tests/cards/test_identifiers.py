"""Identifiers in free text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.extracts import clip, label, sentences, value_key
from handoff.domain.identifiers import Kind, distinctive, find


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("reservation K7M2QX please", Kind.REFERENCE, "K7M2QX"),
        ("I am nora_quill_4821", Kind.REFERENCE, "nora_quill_4821"),
        ("order #4711", Kind.REFERENCE, "4711"),
        ("account 90817263.", Kind.REFERENCE, "90817263"),
        ("mail a.b+c@shop.example.org!", Kind.EMAIL, "a.b+c@shop.example.org"),
        ("that is $1,250.50, no?", Kind.MONEY, "$1,250.50"),
        ("costs 40 euros", Kind.MONEY, "40 euros"),
        ("49,90 €", Kind.MONEY, "49,90 €"),
        ("on 2031-05-16", Kind.DATE, "2031-05-16"),
        ("on May 3rd, 2031", Kind.DATE, "May 3rd, 2031"),
        ("am 14. März 2031", Kind.DATE, "14. März 2031"),
        ("at 3:30 pm", Kind.TIME, "3:30 pm"),
        ("at 7am", Kind.TIME, "7am"),
        ("call +48 600 700 800", Kind.PHONE, "+48 600 700 800"),
        ("see https://shop.example/x?y=1", Kind.LINK, "https://shop.example/x?y=1"),
    ],
)
def test_an_identifier_is_found_as_written(text: str, kind: Kind, found: str) -> None:
    """Each kind is found among words, without the punctuation around it."""
    assert [(item.kind, item.text) for item in find(text)] == [(kind, found)]


@pytest.mark.parametrize(
    "text", ["20kg", "a 24-hour line", "the 2nd one", "3 people", "covid-19", "4x4", "no digits"]
)
def test_measures_and_counts_are_no_identifiers(text: str) -> None:
    """Ordinary words with digits are left alone."""
    assert find(text) == ()


@given(st.text())
def test_finding_never_fails_and_never_invents(text: str) -> None:
    """What is found stands in the text."""
    assert all(item.text in text for item in find(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [("HAT 113", "hat113"), ("$2,580.00", 2580), (-2580.0, "2580"), (True, "true"), ("é É", "éé")],
)
def test_spellings_of_one_value_share_a_key(one: str | float, other: str | float) -> None:
    """Case, spacing, currency and sign do not part a value from itself."""
    assert value_key(one) == value_key(other)


def test_different_values_have_different_keys() -> None:
    """Decimals and digits count."""
    assert len({value_key(v) for v in (1.5, 15, "1,5", "0105")}) >= 3


def test_distinctive_keys_hardly_occur_by_chance() -> None:
    """Ids are distinctive, words and small numbers are not."""
    assert all(map(distinctive, ["k7m2qx", "90817263", "noraquill4821"]))
    assert not any(map(distinctive, ["economy", "2580", "2", "a1"]))


def test_a_clip_ends_at_a_word_and_shows_the_cut() -> None:
    """A cut text is at most as long as asked, on one line."""
    assert clip("one two\nthree four", 10) == "one two…"
    assert clip("short", 10) == "short"


def test_sentences_end_as_their_script_ends_them() -> None:
    """Latin and CJK stops and line breaks end a sentence; a decimal point does not."""
    assert list(sentences("It costs 4.50. Really? 好的。再见\n- ok")) == [
        "It costs 4.50.", "Really?", "好的。", "再见", "- ok",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "read"), [("PatientName", "patient name"), ("user_id", "user id"), ("PIN", "PIN")]
)
def test_labels_are_readable(name: str, read: str) -> None:
    """Machine names read as words."""
    assert label(name) == read
