"""Forms against the vendors' own descriptions, where those are at hand."""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from handoff.cards import render
from tests.cards.written import WRITTEN

SPECS = Path(__file__).parents[2] / os.environ.get("SHARED", "../shared") / "specs"
CARDS = pytest.mark.parametrize("name", WRITTEN)

pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason=f"needs the vendors' descriptions in {SPECS}"
)


def spec(name: str) -> Any:
    """Return a description."""
    return json.loads((SPECS / name).read_text(encoding="utf-8"))


def form(name: str, form_name: str) -> Any:
    """Return a form of a written card as values."""
    return json.loads(render(WRITTEN[name][0], form_name, WRITTEN[name][1]))


@CARDS
def test_a_handoff_event_is_an_activity_and_keeps_the_protocol(name: str) -> None:
    """By the activity schema, and by the handoff protocol as its page states it."""
    event = form(name, "botframework")

    jsonschema.validate(event, spec("botframework-activity.schema.json"))
    jsonschema.validate(event, spec("botframework-handoff.json")["handoff.initiate"]["schema"])


@CARDS
def test_a_slack_message_is_made_of_the_methods_own_arguments(name: str) -> None:
    """Each is one that chat.postMessage knows, of the type it asks for; blocks follow theirs."""
    described = spec("slack.json")
    message = form(name, "slack")
    method = described["paths"]["/chat.postMessage"]["post"]["parameters"]
    types = {parameter["name"]: parameter["type"] for parameter in method}
    blocks = {"definitions": described["definitions"], **described["definitions"]["blocks"]}

    assert set(message) <= set(types)
    assert all(isinstance(message[key], bool) == (types[key] == "boolean") for key in message)
    jsonschema.validate(message["blocks"], blocks)


@CARDS
def test_task_attributes_are_a_string_of_json(name: str) -> None:
    """TaskRouter takes them in one form field."""
    schema = spec("twilio-taskrouter.json")
    create = schema["paths"]["/v1/Workspaces/{WorkspaceSid}/Tasks"]["post"]
    fields = create["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]

    assert fields["properties"]["Attributes"]["type"] == "string"
    assert form(name, "taskrouter")["conversation_id"]


@CARDS
def test_a_chatwoot_note_is_a_message_it_takes(name: str) -> None:
    """Content and private, as its description has them."""
    described = spec("chatwoot.json")
    body = {
        "content": render(WRITTEN[name][0], "chatwoot", WRITTEN[name][1]),
        "private": True,
        "message_type": "outgoing",
    }
    schema = described["components"]["schemas"]["conversation_message_create_payload"]

    jsonschema.validate(body, {"components": described["components"], **schema})


@CARDS
def test_an_intercom_note_is_a_part_it_takes(name: str) -> None:
    """An admin's reply of the type note with an HTML body."""
    described = spec("intercom.json")
    body = {
        "message_type": "note",
        "type": "admin",
        "admin_id": "1",
        "body": render(WRITTEN[name][0], "intercom", WRITTEN[name][1]),
    }
    schema = described["components"]["schemas"]["admin_reply_conversation_request"]

    jsonschema.validate(body, {"components": described["components"], **schema})


@CARDS
def test_notes_and_metadata_are_what_zendesk_takes(name: str) -> None:
    """An internal comment with an HTML body; metadata for passing control."""
    folder = SPECS / "no-licence"
    if not folder.is_dir():
        pytest.skip(f"needs the vendors' descriptions in {folder}")
    support = spec("no-licence/zendesk-support.json")["components"]
    sunshine = spec("no-licence/sunshine-conversations.json")["components"]
    comment = {
        "html_body": render(WRITTEN[name][0], "zendesk", WRITTEN[name][1]),
        "public": False,
    }
    control = {"switchboardIntegration": "next", "metadata": form(name, "sunshine")}

    for body, components, kind in (
        (comment, support, "TicketCommentObject"),
        (control, sunshine, "passControlBody"),
    ):
        jsonschema.validate(body, {"components": components, **components["schemas"][kind]})
