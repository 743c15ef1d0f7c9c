"""README's way from one's own recordings to a policy in force runs as it stands."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import re2

from handoff.bootstrap import Settings, connected
from handoff.detection import Policy
from handoff.domain.disclosure import REDACTION
from tests.benchmarks.servers import environment
from tests.docs.tables import README

BLOCK = re2.compile(r"(?ms)^```(\w+)\n(.*?)^```$")
TEXT = README.read_text(encoding="utf-8")


def blocks(title: str) -> list[tuple[str, str]]:
    """Return language and text of each block under a heading."""
    _, _, rest = TEXT.partition(f"\n## {title}\n")
    return BLOCK.findall(rest.partition("\n## ")[0])


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
    """Return a policy's text after what README asks for: no score that acts, one rule more."""
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

    (_, learn), (_, rule), (_, shadow), (_, back) = blocks("Make it yours")
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
    ((_, text),) = blocks("When many come at once")

    policy = Policy.load(f"schema: handoff-policy/1\nname: shown\n{text}")

    assert policy.storm is not None
    assert policy.routing.queues["general"].capacity == 20


def test_the_part_of_a_policy_about_personal_data_is_one() -> None:
    """As it stands, beside a name: the defaults, and a destination that gets less."""
    _, text = blocks("Personal data")[0]

    rules = Policy.load(f"schema: handoff-policy/1\nname: shown\n{text}").redaction

    assert replace(rules, destinations={}) == REDACTION
    assert "loyalty number" in rules.destinations["webhook"].fields


def test_the_file_of_connectors_it_shows_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its secrets where it says, a connector comes of each entry."""
    (_, text), *_ = blocks("Where cards go")
    (tmp_path / "slack.secret").write_text("0123456789", encoding="utf-8")
    (tmp_path / "file.yaml").write_text(text, encoding="utf-8")
    for name in ("SLACK_TOKEN", "ZD_TOKEN", "ZD_HOOK"):
        monkeypatch.setenv(name, "0123456789")

    with connected(Settings(connectors_file=tmp_path / "file.yaml")) as there:
        assert [*there] == ["desk", "slack", "acme_desk"]


def test_the_commands_on_connectors_run(tmp_path: Path) -> None:
    """As they stand; the sample lies in the folder."""
    _, (_, text) = blocks("Where cards go")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = environment(tmp_path / "data", 1) | {"PATH": path}

    done = subprocess.run(["bash", "-ec", text], check=False, env=env, cwd=tmp_path)

    assert done.returncode == 0
    assert [*(tmp_path / "cards").glob("*/closed-*.txt")]


def test_no_block_is_left_untried() -> None:
    """Every other one is the tour's, drawn from a registry, calls `make`, or says why not."""
    tried = {
        "Five minutes with a running service",
        "Make it yours",
        "When many come at once",
        "Personal data",
        "Where cards go",
    }
    for title in re2.findall(r"(?m)^## (.*)$", TEXT):
        if title in tried:
            continue
        for language, text in blocks(title):
            lines = [line for line in text.splitlines() if line]
            made = language == "sh" and all(line.startswith("make ") for line in lines)
            told = text.startswith("# not run here: needs a ")
            assert made or told or language == "mermaid", title
