"""`handoff audit verify`: what an export proves, and the first place where it does not."""

import json
from pathlib import Path

import pytest

from handoff.bootstrap import build
from handoff.cli.audit import PAGE
from handoff.cli.main import run
from handoff.cli.stage import new_key, on_loopback, own_settings, working
from handoff.domain.audit import GENESIS, SYSTEM, AuditEntry, chain, content
from handoff.domain.records import Scope
from tests.fakes import NOON


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Return an export of four entries."""
    path, previous, lines = tmp_path / "audit.jsonl", GENESIS, []
    for sequence, action in enumerate(("opened", "claim", "bridged", "hand_back"), 1):
        entry = AuditEntry("default", NOON, SYSTEM, action, "esc_1", details={"n": sequence})
        link = chain(previous, sequence, entry)
        hashes = {"previous_hash": previous, "entry_hash": link.entry_hash}
        lines.append(json.dumps({**content(entry, sequence), **hashes}))
        previous = link.entry_hash
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, object]]:
    """Return the entries in an export."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def rewrite(path: Path, entries: list[dict[str, object]]) -> None:
    """Write entries over an export."""
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")


def verify(path: Path, *more: str) -> int:
    """Run the command."""
    return run(["audit", "verify", str(path), *more])


def test_a_whole_chain_verifies(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints how many entries there are and the head to keep."""
    assert verify(export) == 0

    assert (
        capsys.readouterr().out
        == f"4 entries, none changed; head {rows(export)[-1]['entry_hash']}\n"
    )


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda entries: entries[2].update(action="release"), "entry 3 was changed"),
        (lambda entries: entries.pop(1), "entry 2 is missing"),
        (lambda entries: entries.insert(1, dict(entries[0])), "entry 2 is missing: found 1"),
        (lambda entries: entries[1].update(previous_hash="0" * 64), "entry 2 does not follow"),
        (lambda entries: entries.pop(0), "entry 1 is missing"),
    ],
)
def test_the_first_break_is_named(
    export: Path, capsys: pytest.CaptureFixture[str], harm: object, told: str
) -> None:
    """Whatever was done to it, the exit code is 1 and the place is told."""
    entries = rows(export)
    assert callable(harm)
    harm(entries)
    rewrite(export, entries)

    assert verify(export) == 1

    assert told in capsys.readouterr().out


def test_a_kept_head_shows_what_a_chain_cannot(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A chain that was cut off at its end verifies, but not against a head kept elsewhere."""
    kept = str(rows(export)[-1]["entry_hash"])
    earlier = str(rows(export)[1]["entry_hash"])
    rewrite(export, rows(export)[:3])

    assert verify(export) == 0
    assert verify(export, "--head", earlier) == 0
    assert "the head you kept is entry 2" in capsys.readouterr().out
    assert verify(export, "--head", kept) == 1


def test_machines_read_the_same(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` prints one object, whole chain or not."""
    assert verify(export, "--json") == 0
    whole = json.loads(capsys.readouterr().out)
    rewrite(export, rows(export)[1:])
    assert verify(export, "--json") == 1
    broken = json.loads(capsys.readouterr().out)

    assert (whole["entries"], whole["problem"]) == (4, None)
    assert broken["problem"] == "entry 1 is missing: found 2"


def test_export_and_verify_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What one writes the other reads, page after page; a folder without a database is refused."""
    data, file = tmp_path / "data", tmp_path / "audit.jsonl"
    with working(own_settings(data)) as service:
        for number in range(PAGE + 20):
            new_key(service, f"key-{number}", Scope.RUNTIME)

    assert run(["audit", "export", "--data", str(data)]) == 0
    file.write_text(capsys.readouterr().out, encoding="utf-8")

    assert verify(file) == 0
    assert f"{PAGE + 20} entries, none changed" in capsys.readouterr().out
    assert run(["audit", "export", "--data", str(tmp_path / "nowhere")]) == 2


def test_export_over_http(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From a running service come the same lines as from its database."""
    with on_loopback(lambda port: build(own_settings(tmp_path, port=port))) as service:
        key = new_key(service, "boss", Scope.SUPERVISOR)
        url = service.deps.base_url
        assert run(["audit", "export", "--url", url, "--key", key]) == 0
    over_http = capsys.readouterr().out
    assert run(["audit", "export", "--data", str(tmp_path)]) == 0

    assert over_http == capsys.readouterr().out != ""


@pytest.mark.parametrize("content", [b"{", b"[1]\n", b"\xff\xfe\n", b"null\n"])
def test_what_is_no_export_is_refused(tmp_path: Path, content: bytes) -> None:
    """Another file is a wrong use, not a broken chain."""
    path = tmp_path / "other.txt"
    path.write_bytes(content)

    assert verify(path) == 2


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """As is one that is not there."""
    assert verify(tmp_path / "none.jsonl") == 2
