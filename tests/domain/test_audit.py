"""The audit chain."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.audit import GENESIS, SYSTEM, AuditEntry, chain, content, first_break

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)


def exported(count: int) -> list[dict[str, object]]:
    """Return a verifying export of `count` entries."""
    rows, previous = [], GENESIS
    for sequence in range(1, count + 1):
        entry = AuditEntry("default", AT, SYSTEM, "opened", f"esc_{sequence}")
        chained = chain(previous, sequence, entry)
        previous = chained.entry_hash
        hashes = {"previous_hash": chained.previous_hash, "entry_hash": chained.entry_hash}
        rows.append({**content(entry, sequence), **hashes})
    return rows


def test_an_untouched_chain_verifies() -> None:
    """What was written verifies."""
    assert first_break(exported(5)) is None  # type: ignore[arg-type] # rows are JSON


@given(st.integers(0, 4), st.sampled_from(["subject", "action", "at", "entry_hash", "sequence"]))
def test_any_change_is_found_at_its_entry(row: int, field: str) -> None:
    """A changed field names the entry it is in."""
    rows = exported(5)
    rows[row][field] = "changed"

    broken = first_break(rows)  # type: ignore[arg-type] # rows are JSON

    assert broken is not None
    assert f"entry {row + 1}" in broken


@given(st.integers(0, 3))
def test_a_deleted_entry_is_found(row: int) -> None:
    """A gap in the sequence is a break, unless it is the end that was cut."""
    rows = exported(5)
    del rows[row]

    assert first_break(rows) is not None  # type: ignore[arg-type] # rows are JSON
