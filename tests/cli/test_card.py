"""`handoff card`: one line of JSON per conversation, the card as data and as text."""

import json

from handoff.cli.samples import samples
from tests.cli.conftest import Command, Write, said

STUCK = ("Hello", "I want to talk to a human", "One moment", "my order is FF-1")


def test_each_conversation_gets_a_card(handoff: Command, write: Write) -> None:
    """The record has the card, its plain text and that text's tokens."""
    path = write("a.jsonl", said(*STUCK, name="one"), said("Hello", "Hi", name="two"))

    code, out, err = handoff("card", path)
    first, second = [json.loads(line) for line in out.splitlines()]

    assert (code, err) == (0, "")
    assert set(first) == {"conversation_id", "card", "text", "tokens"}
    assert first["card"]["schema"] == "handoff-card/1"
    assert abs(first["tokens"] - len(first["text"]) / 4) <= 1
    assert first["card"]["reason"]["code"] == "customer_requests_human_no_specific_reason"
    assert second["card"]["reason"]["code"] == "none"


def test_a_card_can_stop_at_the_first_escalation(handoff: Command, write: Write) -> None:
    """What came later is not on it; without an escalation it goes to the end."""
    path = write("a.jsonl", said(*STUCK, name="one"), said("Hello", "Hi FF-1", name="two"))

    _, out, _ = handoff("card", path, "--until", "first-escalation")
    first, second = [json.loads(line)["card"] for line in out.splitlines()]

    assert first["coverage"]["turns_read"] == 2
    assert "FF-1" not in json.dumps(first)
    assert second["coverage"]["turns_read"] == 2


def test_no_card_number_is_printed(handoff: Command) -> None:
    """A number said and filled into a slot appears nowhere in the output."""
    with samples() as path:
        code, out, _ = handoff("card", path)

    assert code == 0
    assert "4000056655665556" not in out.replace(" ", "")
    assert "731" not in out


def test_a_card_can_be_written_in_another_form(handoff: Command, write: Write) -> None:
    """Beside the plain text, with labels in the language asked for."""
    path = write("a.jsonl", said(*STUCK, name="one"))

    code, out, _ = handoff("card", path, "--form", "chatwoot", "--language", "de")
    line = json.loads(out)

    assert code == 0
    assert line["form"] == "chatwoot"
    assert "**Nächster Schritt**" in line["rendered"]
    assert "Anliegen: " in line["text"]


def test_a_form_that_there_is_not_is_refused(handoff: Command, write: Write) -> None:
    """Before anything is read, naming the forms there are; one that needs a key says so."""
    path = write("a.jsonl", said(*STUCK, name="one"))

    code, _, err = handoff("card", path, "--form", "papyrus")
    keyless, _, told = handoff("card", path, "--form", "uui")

    assert (code, keyless) == (2, 2)
    assert "slack" in err
    assert "key" in told
