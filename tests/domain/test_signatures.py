"""Marks and signatures of callbacks: genuine, forged, stale and malformed."""

from datetime import UTC, datetime

import pytest

from handoff.domain.errors import Unauthenticated
from handoff.domain.signatures import fresh, mark, marked, same, shared

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
STRANGE = ("", "é", "\ud800", "9" * 400, "-1", "1e5", ".", "esc_1.", ".0", "esc_1.\0", "²")


def test_a_mark_holds_for_one_thing_and_one_key() -> None:
    """A visitor who copies it to another conversation, or makes one up, has nothing."""
    told = mark("secret", "42", "esc_1")

    assert marked("secret", "42", told) == "esc_1"
    assert marked("secret", "43", told) == marked("other", "42", told) == ""
    assert marked("secret", "42", told.replace("esc_1", "esc_2")) == ""


@pytest.mark.parametrize("told", STRANGE)
def test_what_is_no_mark_is_none(told: str) -> None:
    """Whatever stands there."""
    assert marked("secret", "42", told) == ""


@pytest.mark.parametrize("told", STRANGE)
def test_what_is_no_secret_is_refused(told: str) -> None:
    """Headers hold anything."""
    assert not same("secret", told)
    assert not fresh(told, AT)
    with pytest.raises(Unauthenticated):
        shared("secret", told)


@pytest.mark.parametrize("told", ["", "None", "secret"])
def test_a_secret_that_was_never_set_is_nobodys(told: str) -> None:
    """Nothing matches it, least of all a header that is missing."""
    with pytest.raises(Unauthenticated):
        shared(None, told)


@pytest.mark.parametrize(("seconds", "good"), [(0, True), (300, True), (-300, True), (301, False)])
def test_a_timestamp_is_near(seconds: int, *, good: bool) -> None:
    """Within five minutes, before and after."""
    assert fresh(str(int(AT.timestamp()) + seconds), AT) is good
