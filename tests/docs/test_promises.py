"""What README promises names tests that are there, and its deployment what can be set and run."""

from pathlib import Path

import re2
import yaml

from handoff.cli.registry import COMMANDS
from handoff.settings import Settings
from handoff.store.postgres import MOST_CONNECTIONS
from tests.docs.documents import README, ROOT, blocks, section

NAMED = re2.compile(r"`(tests/[\w/.]+)?(?:::(\w+))?`")


def test_each_promise_names_tests_that_are_there() -> None:
    """A file, or a test in it; `::name` alone means the file before."""
    place, seen = Path(), 0
    for match in NAMED.finditer(section(README, "What is promised")):
        file, test = match.group(1), match.group(2)
        place = ROOT / file if file else place
        assert place.exists(), file
        assert test is None or f"def {test}(" in place.read_text(encoding="utf-8"), test
        seen += 1

    assert seen >= 15


def test_the_deployment_sets_what_can_be_set_and_runs_what_there_is() -> None:
    """Every variable is a setting, every command ours, every role waits for what it needs."""
    text = next(text for kind, text in blocks(README, "Scaling out") if kind == "yaml")
    told = yaml.safe_load(text)
    variables = {one for one in told["x-handoff"]["environment"] if one != "PYTHONMALLOC"}
    commands = [one["command"].split() for one in told["services"].values() if "build" in one]

    assert {name.removeprefix("HANDOFF_").lower() for name in variables} <= set(
        Settings.model_fields
    )
    assert {(name, verb) for name, verb, *_ in commands} == {
        ("handoff", "migrate"),
        ("handoff", "serve"),
        ("handoff", "worker"),
    }
    assert {verb for _, verb, *_ in commands} <= {*COMMANDS}
    assert "noeviction" in told["services"]["redis"]["command"]
    _, _, room = told["services"]["db"]["command"].partition("max_connections=")
    processes = sum(one.get("deploy", {}).get("replicas", 0) for one in told["services"].values())
    assert processes * MOST_CONNECTIONS < int(room)
