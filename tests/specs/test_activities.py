"""Each event that goes to an agent hub is an activity and keeps the handoff protocol."""

import json
from pathlib import Path

import jsonschema
import pytest

from tests.specs.prism import SPECS
from tests.specs.test_described import requests

SCHEMA, PROTOCOL = SPECS / "botframework-activity.schema.json", SPECS / "botframework-handoff.json"


@pytest.mark.skipif(not PROTOCOL.is_file(), reason=f"no description at {PROTOCOL}")
def test_what_we_send_to_hubs_keeps_the_protocol(tmp_path: Path) -> None:
    """By the schema of activities, and by the protocol as its page states it."""
    schema, protocol = (json.loads(each.read_text("utf-8")) for each in (SCHEMA, PROTOCOL))
    sent = [one for one in requests("botframework", tmp_path) if "/activities" in one.line]
    events = [json.loads(one.body) for one in sent]

    for event in events:
        jsonschema.validate(event, schema)
        jsonschema.validate(event, protocol[event["name"]]["schema"])
    print(f"botframework: {len(events)} events, 0 breaches")
    assert {event["name"] for event in events} == {"handoff.initiate", "handoff.status"}
