"""Signed pointers to cards: what is followed is what was signed, and only for its time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from handoff.cards.pointer import MOST, Pointer, followed, pointed
from handoff.domain.errors import Invalid, Unauthenticated

KEY, OTHER = b"k" * 32, b"o" * 32
NOW = datetime(2031, 5, 16, 12, tzinfo=UTC)
POINTER = Pointer("esc_0196d2f5c4a0000001b7e23c9d01f4a8b", NOW + timedelta(hours=1))


def test_a_pointer_leads_where_it_was_made_for() -> None:
    """Signed and followed: the same id and expiry, in 128 octets of hexadecimal."""
    value = pointed(POINTER, KEY)

    assert followed(value, [KEY], NOW) == POINTER
    assert followed(value, [OTHER, KEY], NOW) == POINTER
    assert len(value) <= MOST
    assert value.endswith(";encoding=hex")


@pytest.mark.parametrize("place", range(0, 110, 3))
def test_a_changed_pointer_leads_nowhere(place: int) -> None:
    """Any digit: of its version, its expiry, its signature, its id."""
    value = pointed(POINTER, KEY)
    digit = "0" if value[place] != "0" else "1"

    with pytest.raises(Unauthenticated):
        followed(value[:place] + digit + value[place + 1 :], [KEY], NOW)


@pytest.mark.parametrize(
    "header",
    [
        "", ";", "zz;encoding=hex", "0001;encoding=hex", "00" * 5_000 + ";encoding=hex",
        "a" * 99_999, "ü;é=\x00", "0001" + "00" * 40 + ";encoding=hex",
        pointed(POINTER, OTHER), pointed(POINTER, KEY).partition(";")[0],
        pointed(replace(POINTER, expires_at=NOW), KEY),
    ],
)  # fmt: skip
def test_what_is_no_valid_pointer_is_refused(header: str) -> None:
    """Malformed, forged, of another key, expired: all alike from outside."""
    with pytest.raises(Unauthenticated, match="no valid pointer"):
        followed(header, [KEY], NOW)


@pytest.mark.parametrize(
    "wrapped",
    ["{};purpose=isdn-uui;content=isdn-uui", "56a390f3d2b7310023a2;encoding=hex, {}", " {} "],
)
def test_a_pointer_is_found_among_what_others_add(wrapped: str) -> None:
    """Systems on the way add parameters and values of their own, and write hex in capitals."""
    value = pointed(POINTER, KEY)
    capital = value.partition(";")[0].upper() + ";Encoding=HEX"

    assert followed(wrapped.format(value), [KEY], NOW) == POINTER
    assert followed(wrapped.format(capital), [KEY], NOW) == POINTER


@pytest.mark.parametrize(
    ("pointer", "key"),
    [
        (replace(POINTER, escalation_id="x" * 60), KEY),
        (replace(POINTER, escalation_id=""), KEY),
        (replace(POINTER, expires_at=datetime(2200, 1, 1, tzinfo=UTC)), KEY),
        (POINTER, b"short"),
    ],
)
def test_what_cannot_be_kept_is_never_made(pointer: Pointer, key: bytes) -> None:
    """An id is not cut to fit, a weak key is no key."""
    with pytest.raises(Invalid):
        pointed(pointer, key)
