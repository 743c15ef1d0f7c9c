"""The examples beside the tour: each runs as it stands, is a part of a file, or says why not."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import re2

from connectors.webhook.bodies import Told
from handoff.bootstrap import Settings, connected
from handoff.detection import Policy
from handoff.domain.disclosure import REDACTION
from tests.benchmarks.servers import environment
from tests.docs.documents import CONNECTED, DETECTION, DOCUMENTS, OPERATING, blocks, examples, named
from tests.docs.test_tour import STEPS

TRIED = {
    *STEPS,
    (DETECTION, "Make it yours"),
    (OPERATING, "When many come at once"),
    (OPERATING, "Personal data"),
    (CONNECTED, "Connecting one"),
    (CONNECTED, "Webhooks in and out"),
    (CONNECTED, "Mail in and out"),  # by tests/peers
}
"""What has a test of its own: here, in the tour's, or there."""


def call(number: int) -> str:
    """Return a recorded call as the tour has them, with what came of it."""
    bad = number % 2 == 0
    says = f"my order {number % 7} is {'broken' if bad else 'fine'}"
    messages = [
        {"role": "user" if place % 2 else "assistant", "content": says if place % 2 else "Hello"}
        for place in range(10)
    ]
    outcome = {"handed_off": bad, "handoff_turn": 8 if bad else None}
    return json.dumps({"id": f"call-{number}", "messages": messages, "outcome": outcome})


def in_shadow(policy: str, rules: str) -> str:
    """Return a policy's text after what is asked for: no score that acts, one rule more."""
    for name in ("offer_at", "escalate_at"):
        policy, changed = re2.subn(rf"(?m)^  {name}: [\d.]+", f"  {name}: 1.0", policy)
        assert changed == 1
    assert policy.count("\nrules:\n") == 1
    return policy.replace("\nrules:\n", f"\n{rules}")


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_a_policy_of_ones_own_is_learned_tried_and_taken_back(tmp_path: Path) -> None:
    """Measure, learn, look, try in shadow, go back."""
    env = environment(tmp_path / "data", 1)
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    calls = "\n".join(map(call, range(40)))
    (tmp_path / "past.jsonl").write_text(calls, encoding="utf-8")

    def run(script: str) -> str:
        lines = [line for line in script.splitlines() if not line.startswith("pip install")]
        done = subprocess.run(
            ["bash", "-ec", "\n".join(lines)],
            check=False,
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    (_, learn), (_, rule), (_, shadow), (_, back) = blocks(DETECTION, "Make it yours")
    learned = tmp_path / "learned.yaml"

    told = run(learn)
    learned.write_text(in_shadow(learned.read_text(encoding="utf-8"), rule), encoding="utf-8")
    tried, gone = run(shadow), run(back)

    assert "wrote learned.yaml" in told
    assert list((tmp_path / "plots").iterdir())
    assert "is in force" in tried
    assert gone.count("in force") >= 2


def test_the_storm_it_shows_is_a_policy() -> None:
    """As a part of one."""
    ((_, text),) = blocks(OPERATING, "When many come at once")

    policy = Policy.load(f"schema: handoff-policy/1\nname: shown\n{text}")

    assert policy.storm is not None
    assert policy.routing.queues["general"].capacity == 20


def test_the_part_of_a_policy_about_personal_data_is_one() -> None:
    """As it stands, beside a name: the defaults, and a destination that gets less."""
    _, text = blocks(OPERATING, "Personal data")[0]

    rules = Policy.load(f"schema: handoff-policy/1\nname: shown\n{text}").redaction

    assert replace(rules, destinations={}) == REDACTION
    assert "loyalty number" in rules.destinations["webhook"].fields


def test_the_file_of_connectors_it_shows_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its secrets where it says, a connector comes of each entry."""
    (_, text), *_ = blocks(CONNECTED, "Connecting one")
    (tmp_path / "slack.secret").write_text("0123456789", encoding="utf-8")
    (tmp_path / "file.yaml").write_text(text, encoding="utf-8")
    for name in ("SLACK_TOKEN", "ZD_TOKEN", "ZD_HOOK"):
        monkeypatch.setenv(name, "0123456789")

    with connected(Settings(connectors_file=tmp_path / "file.yaml")) as there:
        assert [*there] == ["desk", "slack", "acme_desk"]


def test_the_commands_on_connectors_run(tmp_path: Path) -> None:
    """As they stand; the sample lies in the folder."""
    _, (_, text) = blocks(CONNECTED, "Connecting one")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = environment(tmp_path / "data", 1) | {"PATH": path}

    done = subprocess.run(["bash", "-ec", text], check=False, env=env, cwd=tmp_path)

    assert done.returncode == 0
    assert [*(tmp_path / "cards").glob("*/closed-*.txt")]


def test_the_callback_it_shows_is_understood() -> None:
    """As it stands, but for an escalation's id."""
    ((_, text),) = blocks(CONNECTED, "Webhooks in and out")

    assert Told.model_validate_json(text.replace("…", "1")).type == "escalation.claim"


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_no_block_is_left_untried(document: Path) -> None:
    """Every other one is drawn from a registry, calls `make`, or says why not."""
    for title, language, text in examples(document):
        if (document, title) in TRIED:
            continue
        lines = [line for line in text.splitlines() if line]
        made = language == "sh" and all(line.startswith("make ") for line in lines)
        told = text.startswith("# not run here: needs a ")
        assert made or told or language == "mermaid", title


def test_what_is_tried_is_there() -> None:
    """Each section that is said to be tried has examples."""
    shown = {(document, title) for document in DOCUMENTS for title, _, _ in examples(document)}

    assert shown >= TRIED
