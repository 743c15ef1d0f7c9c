"""A whole day without a fault: the checker finds nothing, and both databases tell the same."""

from pathlib import Path

import pytest

from tests.faults.checker import Evidence, check
from tests.faults.lived import lived
from tests.faults.nursery import Nursery
from tests.faults.stage import Mould

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def days(
    nursery: Nursery, moulds: Mould, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Evidence]:
    """Return what is left of a day on each database."""
    folder: Path = tmp_path_factory.mktemp("days")
    return {kind: lived(nursery, moulds, folder / kind, kind) for kind in ("sqlite", "postgresql")}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_day_without_faults_breaks_nothing(days: dict[str, Evidence], kind: str) -> None:
    """What the checker says of it, it says of the service."""
    assert check(days[kind]) == []


def test_a_day_reaches_what_the_checker_looks_at(days: dict[str, Evidence]) -> None:
    """A rule that looks at nothing finds nothing."""
    day = days["sqlite"]
    actions = {entry["action"] for entry in day.rows["audit_entries"]}
    answers = {one["status"] for one in day.ledger}

    assert {"claim", "accept", "release", "expire", "hand_back", "dispose", "cancel"} <= actions
    assert {"delivered", "delivery_failed", "delivery_unknown", "card", "note"} <= actions
    assert {200, 429, 500, None} <= answers
    assert {409, 412, 422} <= {call["status"] for call in day.history}
    assert {row["event"] for row in day.posted.values()} == {"opened", "updated", "closed"}


def test_two_databases_tell_the_same(days: dict[str, Evidence]) -> None:
    """Answer for answer and row for row."""
    assert check(days["sqlite"], days["postgresql"]) == []
