"""`handoff connectors`: what is configured, whether it works, a marked sample."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.receiver import Receiver
from tests.vendors.slack import Slack


@pytest.fixture
def slack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Slack:
    """Name a file of connectors whose Slack is the fake on loopback; the token is elsewhere."""
    monkeypatch.setenv("HANDOFF_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HANDOFF_CONNECTORS_FILE", str(tmp_path / "connectors.yaml"))
    monkeypatch.setenv("HANDOFF_ALLOW_LOOPBACK", "1")
    monkeypatch.setenv("SLACK_TOKEN", "xoxb-1")
    return Slack()


def configured(tmp_path: Path, url: str) -> None:
    """Write the file."""
    told = {"token": {"env": "SLACK_TOKEN"}, "signing_secret": "8f742231b10e8888", "channel": "C1"}
    document = {"connectors": {"slack": {"settings": {**told, "url": url}, "endpoint": "ep_1"}}}
    (tmp_path / "connectors.yaml").write_text(json.dumps(document), encoding="utf-8")


def test_the_list_says_where_to_call_back_and_no_secret(
    handoff: Command, slack: Slack, tmp_path: Path
) -> None:
    """A line for each, the desk first."""
    configured(tmp_path, "https://slack.com/api")

    code, out, _ = handoff("connectors", "list", "--json")

    rows = {row["name"]: row for row in map(json.loads, out.splitlines())}
    assert code == 0
    assert rows["slack"]["callbacks"].endswith("/v1/callbacks/slack/ep_1")
    assert rows["desk"]["callbacks"] is None
    assert "xoxb" not in out


def test_a_check_changes_nothing_and_a_test_says_what_it_is(
    handoff: Command, slack: Slack, tmp_path: Path
) -> None:
    """The sample is opened and closed at once."""
    with Receiver(slack) as peer:
        configured(tmp_path, peer.url)
        checked = handoff("connectors", "check", "slack")
        before = len(slack.messages)
        tested = handoff("connectors", "test", "slack")

    assert (checked[0], checked[1], before) == (0, "slack: handoff in Acme\n", 0)
    assert tested[0] == 0, tested
    assert len(slack.messages) == 1
    assert "sample" in str(slack.messages[0]["blocks"])


def test_a_wrong_token_is_a_problem(
    handoff: Command, slack: Slack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a line, with the exit code of problems."""
    monkeypatch.setenv("SLACK_TOKEN", "xoxb-wrong")
    with Receiver(slack) as peer:
        configured(tmp_path, peer.url)
        code, _, err = handoff("connectors", "check", "slack")

    assert (code, err) == (1, "slack: Slack answered invalid_auth\n")


def test_all_are_checked_where_none_is_named(
    handoff: Command, slack: Slack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in a line; one that has a problem does not hide the others."""
    monkeypatch.setenv("SLACK_TOKEN", "xoxb-wrong")
    with Receiver(slack) as peer:
        configured(tmp_path, peer.url)
        code, out, err = handoff("connectors", "check")

    assert code == 1
    assert out.startswith("desk: ")
    assert err == "slack: Slack answered invalid_auth\n"


def test_what_is_not_configured_is_named(handoff: Command, slack: Slack, tmp_path: Path) -> None:
    """With what there is."""
    configured(tmp_path, "https://slack.com/api")

    code, _, err = handoff("connectors", "test", "slcak")

    assert code == 2
    assert "desk, slack" in err
