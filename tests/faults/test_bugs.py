"""The checker bites: every planted bug is caught by the invariant that names it, and only then."""

import ast
from pathlib import Path

import pytest

from tests.faults.bugs import BUGS, Bug
from tests.faults.checker import INVARIANTS, Evidence, check
from tests.faults.nursery import Nursery
from tests.faults.stage import Mould
from tests.faults.tally import count
from tests.faults.twists import TWISTS, twist

pytestmark = [pytest.mark.faults, pytest.mark.long]
SOUND = sorted({(bug.twist, bug.kind) for bug in BUGS} - {("gone", "sqlite")})
"""Circumstances; one that is turned away for a quarter of an hour does not come to rest in time."""
QUICK = ("outbox_insert_dropped", "answered_before_commit", "version_ignored", "event_lost")


@pytest.fixture(scope="module")
def other(nursery: Nursery, moulds: Mould, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Return a day on SQLite, to compare with."""
    return twist("plain")(nursery, moulds, tmp_path_factory.mktemp("other"), "sqlite")


def caught(bug: Bug, nursery: Nursery, moulds: Mould, folder: Path) -> dict[str, str]:
    """Return invariant to the first thing that it found, with a bug planted."""
    run = twist(bug.twist)(nursery, moulds, folder, bug.kind, bug.name)
    return {breach.invariant: breach.what for breach in reversed(check(run))}


@pytest.mark.parametrize("bug", [b for b in BUGS if b.name in QUICK], ids=lambda bug: bug.name)
def test_a_planted_bug_is_caught(bug: Bug, nursery: Nursery, moulds: Mould, tmp_path: Path) -> None:
    """Some of them; `make faults` plants all."""
    assert bug.invariant in caught(bug, nursery, moulds, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize(
    "bug", [b for b in BUGS if b.twist != "compared"], ids=lambda bug: bug.name
)
def test_every_planted_bug_is_caught(
    bug: Bug, nursery: Nursery, moulds: Mould, tmp_path: Path
) -> None:
    """By the invariant that it breaks."""
    found = caught(bug, nursery, moulds, tmp_path)
    hit = bug.invariant in found
    count(planted_bugs_caught=hit, planted_bugs_missed=not hit)

    assert hit, f"caught by {found or 'nothing'}"


@pytest.mark.long
def test_two_databases_that_differ_are_caught(
    nursery: Nursery, moulds: Mould, tmp_path: Path, other: Evidence
) -> None:
    """A bug on one of them shows beside the other."""
    (bug,) = (bug for bug in BUGS if bug.twist == "compared")
    run = twist("plain")(nursery, moulds, tmp_path, bug.kind, bug.name)
    found = {breach.invariant for breach in check(run, other)}
    hit = bug.invariant in found
    count(planted_bugs_caught=hit, planted_bugs_missed=not hit)

    assert hit


@pytest.mark.long
def test_the_second_wall_holds_where_a_filter_is_forgotten(
    nursery: Nursery, moulds: Mould, tmp_path: Path
) -> None:
    """On PostgreSQL the database itself keeps tenants apart."""
    run = twist("plain")(nursery, moulds, tmp_path, "postgresql", "tenant_filter_forgotten")

    assert "I-17" not in {breach.invariant for breach in check(run)}


@pytest.mark.long
@pytest.mark.parametrize(("name", "kind"), SOUND)
def test_a_sound_service_shows_nothing_in_the_same_circumstances(
    name: str, kind: str, nursery: Nursery, moulds: Mould, tmp_path: Path
) -> None:
    """What is caught above is the bug and not its surroundings."""
    assert check(twist(name)(nursery, moulds, tmp_path, kind)) == []


def test_there_are_enough_bugs_for_every_invariant() -> None:
    """Thirty at least; and no rule of the checker that nothing proves to bite."""
    assert len(BUGS) >= 30
    assert {bug.invariant for bug in BUGS} == {*INVARIANTS, "I-24"}
    assert {bug.twist for bug in BUGS if not bug.twist.startswith("kill ")} == set(TWISTS)


def test_the_checker_shares_no_code_with_the_service() -> None:
    """Nor with the rest of the tests: it reads what is left, and has its own opinion of it."""
    for path in (Path(__file__).parent / "checker").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            ours = [name for name in names if name.startswith(("handoff", "connectors", "tests"))]
            assert all(name.startswith("tests.faults.checker") for name in ours), path
