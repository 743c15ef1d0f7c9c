"""What Retry-After says."""

from datetime import UTC, datetime

import pytest

from handoff.domain.answers import retry_after

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("9" * 5_000, 999_999_999),
        ("Mon, 23 Nov 2026 12:01:30 GMT", 90),
        ("Mon, 23 Nov 2026 12:01:30 -0000", 90),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("-5", None),
        ("1.5", None),
        ("١٢", None),
        ("soon", None),
        ("", None),
        ("Mon, 99 Nov 99999 99:99:99 GMT", None),
        ("1 Jan 0000 00:00:00 +9999", None),
        ("\0", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(
    header: str | None, seconds: float | None
) -> None:
    """Garbage never raises and never counts."""
    assert retry_after(header, NOW) == seconds
