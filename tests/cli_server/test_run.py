"""`handoff run`: recorded conversations through a service of its own, or a running one."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from handoff.cli.main import run
from tests.benchmarks.servers import environment, free_port, new_key, running

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "handoff" / "cli" / "samples" / "demo.jsonl"
DATA = Path(os.environ.get("SHARED", ROOT.parent / "shared")) / "data"
FILES = sorted([*DATA.glob("*.jsonl"), *DATA.glob("*.jsonl.gz")])


def told(capfd: pytest.CaptureFixture[str]) -> dict[str, object]:
    """Return the summary that was printed."""
    summary: dict[str, object] = json.loads(capfd.readouterr().out)
    return summary


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Run a service in a process of its own; yield its address and a key."""
    env = environment(tmp_path, free_port())
    key = new_key(env, "runtime")
    with running(env):
        yield env["HANDOFF_BASE_URL"], key


def test_every_escalation_gets_its_card(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """With --data the database and the cards are there afterwards."""
    assert run(["run", str(SAMPLES), "--data", str(tmp_path), "--json"]) == 0

    summary = told(capfd)
    total = summary["total"]
    assert isinstance(total, dict)
    assert (total["conversations"], total["escalations"]) == (6, 5)
    assert (summary["cards"], summary["undelivered"]) == (5, 0)
    assert summary["outbox"] == str(tmp_path / "outbox")
    assert len(list((tmp_path / "outbox").glob("*/opened-*.txt"))) == 5
    assert (tmp_path / "handoff.db").is_file()


def test_a_second_run_changes_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The same recording over the same data: the same summary, and no second escalation."""
    summaries = []
    for _ in range(2):
        assert run(["run", str(SAMPLES), "--data", str(tmp_path), "--json"]) == 0
        summary = told(capfd)
        total = summary["total"]
        assert isinstance(total, dict)
        summaries.append({name: total[name] for name in ("turns", "escalations", "reasons")})

    assert summaries[0] == summaries[1]
    assert len(list((tmp_path / "outbox").iterdir())) == 5


def test_the_table_is_for_people(capfd: pytest.CaptureFixture[str]) -> None:
    """Without --json: a table by source and job, and where the cards went."""
    assert run(["run", str(SAMPLES)]) == 0

    shown = capfd.readouterr().out
    assert "order_status" in shown
    assert "tool_failed 1" in shown
    assert "5 cards in a temporary folder" in shown


def test_a_bad_line_is_told_and_the_rest_goes_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Exit 1, with file and line; what is good is counted."""
    file = tmp_path / "calls.jsonl"
    lines = SAMPLES.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([lines[0], "{", lines[4]]), encoding="utf-8")

    assert run(["run", str(file), "--json"]) == 1

    out, err = capfd.readouterr()
    assert json.loads(out)["total"]["conversations"] == 2
    assert f"{file}:2: " in err


@pytest.mark.parametrize(
    "args",
    [
        ["run", "nowhere.jsonl"],
        ["run", str(SAMPLES), "--url", "http://127.0.0.1:1"],
        ["run", str(SAMPLES), "--url", "http://127.0.0.1:1", "--key", "k", "--data", "x"],
        ["run", str(SAMPLES), "--policy", "nowhere.yaml"],
        ["run", str(SAMPLES), "--jobs", "0"],
    ],
)
def test_wrong_use_is_one_line(args: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """Exit 2 and a sentence."""
    assert run(args) == 2

    assert len(capfd.readouterr().err.splitlines()) == 1


@pytest.mark.e2e
def test_a_running_service_takes_the_same(
    service: tuple[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Over HTTP the figures are those of the services, turn for turn."""
    url, key = service

    assert run(["run", str(SAMPLES), "--url", url, "--key", key, "--json"]) == 0
    over_http = told(capfd)
    assert run(["run", str(SAMPLES), "--data", str(tmp_path / "own"), "--json"]) == 0
    direct = told(capfd)

    for summary in (over_http, direct):
        rows = summary["rows"]
        assert isinstance(rows, list)
        for row in rows:
            del row["turns_per_second"]
    assert over_http["rows"] == direct["rows"]


@pytest.mark.e2e
def test_a_wrong_key_ends_the_run(
    service: tuple[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """No conversation would fare better: one line, exit 1, no summary."""
    url, _ = service

    assert run(["run", str(SAMPLES), "--url", url, "--key", "ho_no_key_0", "--json"]) == 1

    out, err = capfd.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)


@pytest.mark.skipif(not FILES, reason="no recorded conversations: ../shared/data is not there")
@pytest.mark.timeout(400)  # thirty thousand turns, on whatever machine this is
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_recorded_conversations_all_finish(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Every conversation of a source is taken; each escalation has its card, delivered."""
    code = run(["run", str(file), "--json"])

    summary = told(capfd)
    total = summary["total"]
    assert isinstance(total, dict)
    assert (code, summary["problems"], summary["undelivered"]) == (0, [], 0)
    assert summary["cards"] == total["escalations"]
    assert total["conversations"] > 0
