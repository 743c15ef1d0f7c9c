"""`handoff evaluate --cards`: what cards have, by any summarizer."""

import json
from pathlib import Path

import pytest
from pydantic import BaseModel, JsonValue

from handoff.domain.card import Card, Statement
from handoff.domain.turn import Conversation
from tests.cli.conftest import Command, Write

HERE = __name__


def story(_conversation: Conversation, card: Card) -> list[Statement]:
    """Return a narrative that is true, and one sentence that is not."""
    turns = card.situation.turns if card.situation else ()
    return [Statement(text="It is late.", turns=turns), Statement(text="Paid 99.", turns=turns)]


def breaks(_conversation: Conversation, _card: Card) -> Card:
    """Fail."""
    raise RuntimeError("no answer")


class Drafted:
    """Writes and judges, made of its settings, like what the service runs."""

    class Config(BaseModel):
        """Its settings."""

        words: int

    def __init__(self, config: Config, _outbound: object) -> None:
        """Keep them."""
        self.words = config.words

    def write(self, conversation: Conversation, _card: Card) -> str:
        """Return the first words of the conversation."""
        return " ".join(conversation.turns[0].text.split()[: self.words])

    def judge(self, conversation: Conversation, _card: Card, draft: str) -> "Drafted":
        """Keep the draft."""
        self.kept = (Statement(text=draft, turns=(conversation.turns[0].index or 0,)),)
        return self


@pytest.fixture
def calls(write: Write) -> Path:
    """Return a file of two conversations with what their cards should have."""

    def one(name: str, order: str) -> dict[str, JsonValue]:
        turns: list[JsonValue] = [{"role": "user", "text": f"My order {order} is late."}]
        outcome: JsonValue = {"state": {"order": order}, "reference_summaries": ["It is late"]}
        return {"id": name, "source": "calls", "turns": turns, "outcome": outcome}

    return write("calls.jsonl", one("1", "XK4711"), one("2", "PL9020"))


def test_figures_as_json(handoff: Command, calls: Path) -> None:
    """Facts by where they are, tokens, latency, ROUGE."""
    code, out, err = handoff("evaluate", calls, "--cards", "--bootstrap", "20", "--json")
    told = json.loads(out)
    [row] = told["rows"]

    assert (code, err, told["summarizer"]) == (0, "", "deterministic")
    assert row["measures"]["facts"]["ways"]["claims"]["share"] == 1.0
    assert row["measures"]["facts"]["ways"]["text"]["interval"] == [1.0, 1.0]
    assert row["text_tokens"]["median"] > 5
    assert row["latency_ms"]["p95"] > 0
    assert (row["references"], row["unsupported"]) == (2, [])
    assert 0 < row["rouge"]["rougeL"] < 1


def test_a_table_for_people(handoff: Command, calls: Path) -> None:
    """A row per source, a row per group of facts."""
    code, out, _ = handoff("evaluate", calls, "--cards", "--bootstrap", "0")

    assert code == 0
    assert "ROUGE" in out
    assert "in claims" in out


def test_any_function_is_a_summarizer(handoff: Command, calls: Path) -> None:
    """What it makes up is counted against it."""
    asked = ("evaluate", calls, "--cards", "--json", "--summarizer", f"{HERE}:story")
    [row] = json.loads(handoff(*asked)[1])["rows"]

    assert row["with_narrative"] == 2
    assert row["measures"]["statements"]["ways"]["grounded"] == {
        "found": 2,
        "share": 0.5,
        "interval": [0.5, 0.5],
    }
    assert "not in the cited turns: 99" in row["unsupported"][0]


def test_a_class_is_made_of_its_settings(handoff: Command, calls: Path) -> None:
    """And measured as its judged draft is shown."""
    asked = ("evaluate", calls, "--cards", "--json", "--summarizer", f"{HERE}:Drafted")
    [row] = json.loads(handoff(*asked, "--set", "words=3")[1])["rows"]
    code, _, err = handoff(*asked, "--set", "words=no")

    assert row["measures"]["facts"]["ways"]["narrative"]["found"] == 2
    assert code == 2
    assert "--set for" in err


def test_a_summarizer_that_fails_leaves_the_card(handoff: Command, calls: Path) -> None:
    """It is said once, and counted."""
    asked = ("evaluate", calls, "--cards", "--json", "--summarizer", f"{HERE}:breaks")
    code, out, err = handoff(*asked)
    [row] = json.loads(out)["rows"]

    assert code == 0
    assert err.count("RuntimeError: no answer") == 1
    assert row["counts"]["summarizer failed"] == 2
    assert row["measures"]["facts"]["ways"]["claims"]["share"] == 1.0


@pytest.mark.parametrize("name", ["nobody", "no.such.module:f", f"{HERE}:nothing", f"{HERE}:HERE"])
def test_there_is_no_such_summarizer(name: str, handoff: Command, calls: Path) -> None:
    """Said in one line."""
    code, _, err = handoff("evaluate", calls, "--cards", "--summarizer", name)

    assert (code, err.count("\n")) == (2, 1)


def test_a_picture_per_source(handoff: Command, calls: Path, tmp_path: Path) -> None:
    """On request."""
    code, _, err = handoff("evaluate", calls, "--cards", "--plots", tmp_path / "plots")

    assert code == 0
    assert err == f"wrote {tmp_path / 'plots' / 'calls.png'}\n"


@pytest.mark.parametrize("given", [("--summarizer", "extractive"), ("--words-only",)])
def test_what_is_about_cards_alone_is_not_ignored(
    given: tuple[str, ...], handoff: Command, calls: Path
) -> None:
    """Without `--cards` it would measure something else than was asked for."""
    code, _, err = handoff("evaluate", calls, *given)

    assert code == 2
    assert "add it" in err
