"""The figures equal those of the shared scorer on what `handoff card` prints."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from handoff.cards import render
from handoff.domain.card import Card, card_json
from handoff.domain.turn import Conversation
from tests.cli.conftest import Command, handoff
from tests.evaluation.cards.spoiled import spoil

__all__ = ["handoff"]

SHARED = Path(__file__).parents[3] / os.environ.get("SHARED", "../shared")
TOOLS = SHARED / "tools"
FACTS = {
    "tau-airline": {
        "identifiers, handed off": "identifiers_baselines_definition_handed_off",
        "identifiers": "identifiers_baselines_definition_all",
        "identifiers, strict": "identifiers_strict_customer_said_or_write_argument",
        "amounts": "amounts_in_speech_or_arguments",
    },
    "sgd": {"facts": "slots", "yes or no": "booleans"},
    "multidogo": {"facts": "slots_without_secrets", "secrets shown": "ssn_card_number_password"},
    "evi": {
        "facts, postcode": "postcode",
        "facts, name": "name",
        "facts, dob": "dob",
        "facts, en-GB": "en-GB",
        "facts, pl-PL": "pl-PL",
    },
    "star": {},
}
"""Our name of a group of facts to the scorer's."""
WAYS = {
    "secrets shown": {
        "claims": "shown_whole_claims",
        "text": "shown_whole_text",
        "last four": "last_four_in_text",
    }
}
CALLS = {"calls": "all_calls", "write calls": "write_calls"}
Figures = dict[str, Any]
Both = Callable[..., tuple[Figures, Figures]]

pytestmark = pytest.mark.skipif(not TOOLS.is_dir(), reason=f"needs the shared tools in {SHARED}")


def tool(name: str, *arguments: str | Path) -> bytes:
    """Run one of the shared tools and return what it prints."""
    command = [sys.executable, str(TOOLS / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.fixture
def both(handoff: Command, tmp_path: Path) -> Both:
    """Return a function that gives the scorer's figures of a source, and ours."""

    def _both(
        source: str, *, words_only: bool = False, spoiled: bool = False
    ) -> tuple[Figures, Figures]:
        path, bare = SHARED / "data" / f"{source}-dev.jsonl", tmp_path / "bare.jsonl"
        tool("strip_gold.py", path, bare, *(["--drop-slots"] if words_only else []))
        lines = handoff("card", bare)[1].splitlines()
        written = tmp_path / "cards.jsonl"
        written.write_text(
            "\n".join(map(worse, lines) if spoiled else lines), encoding="utf-8", newline="\n"
        )
        [theirs] = json.loads(tool("score_card.py", path, written))["sources"].values()
        asked = ["--cards", "--bootstrap", "0", "--json"]
        asked += ["--words-only"] if words_only else []
        asked += ["--summarizer", f"{spoil.__module__}:spoil"] if spoiled else []
        code, out, _ = handoff("evaluate", path, *asked)
        assert code == 0
        return theirs, next(row for row in json.loads(out)["rows"] if row["job"] is None)

    return _both


def worse(line: str) -> str:
    """Return a line of `handoff card` as it would be had the card been spoiled."""
    told = json.loads(line)
    card = spoil(Conversation(conversation_id="any"), Card.model_validate(told["card"]))
    text = render(card, "text")
    return json.dumps({**told, "card": card_json(card), "text": text, "tokens": len(text) / 4})


def agree(ours: Figures, theirs: Figures, ways: dict[str, str]) -> None:
    """Check that a group needs as many things and that each way finds as many."""
    assert ours["needed"] == theirs["needed"]
    found = {way: ours["ways"][way]["found"] for way in ways}
    assert found == {way: theirs[name]["found"] for way, name in ways.items()}


@pytest.mark.parametrize("spoiled", [False, True])
@pytest.mark.parametrize(
    ("source", "words_only"), [*((name, False) for name in FACTS), ("multidogo", True)]
)
def test_the_same_facts_actions_and_grounds(
    source: str, words_only: bool, spoiled: bool, both: Both
) -> None:
    """Every count is the scorer's: what was needed, what each way found, what was made up.

    The scorer knows of no narrative.
    """
    theirs, ours = both(source, words_only=words_only, spoiled=spoiled)
    measures = ours["measures"]

    for group, name in FACTS[source].items():
        ways = (way for way in measures[group]["ways"] if way != "narrative")
        known = WAYS.get(group, {way: way for way in ways})
        agree(measures[group], theirs[name], known)
    for group, name in CALLS.items():
        if "actions" in theirs and group in measures:
            told = theirs["actions"][name]
            ways = {"found": "found", "right outcome": "right_outcome"}
            agree(measures[group], told, ways)
    grounding, quotes = theirs["grounding"], theirs["quotes"]
    assert measures["claims"]["needed"] == grounding["claims"]
    assert measures["claims"]["ways"]["grounded"]["found"] == grounding["grounded"]
    assert measures["quotes"]["needed"] == quotes["quotes"]
    assert measures["quotes"]["ways"]["exact"]["found"] == quotes["exact_in_their_turn"]
    invented = theirs.get("actions", {}).get("invented_or_wrong_turn", 0)
    assert ours["counts"].get("invented actions", 0) == invented


def test_the_same_lengths(both: Both) -> None:
    """Tokens are characters of the text form divided by four, to the last digit."""
    theirs, ours = both("tau-airline")

    assert ours["text_tokens"] == pytest.approx(theirs["all"]["text_tokens"], abs=0.001)
    assert ours["cards"] == theirs["all"]["conversations"]


def test_what_was_never_said_is_left_out_alike(both: Both) -> None:
    """Gold that no turn holds cannot be asked of a card."""
    theirs, ours = both("evi")
    never = theirs["excluded_no_hypothesis_had_it"]
    counts = ours["counts"]

    unheard = sum(count for name, count in never.items() if not name.startswith("no gold"))
    assert counts["excluded: no hypothesis had it"] == unheard
    assert counts["excluded: no gold"] == sum(never.values()) - unheard
    most = ours["measures"]["values shown"]["ways"]["at most 4"]["found"]
    assert (theirs["values_shown_per_item"]["max"] <= 4) == (
        most == ours["measures"]["facts"]["needed"]
    )
