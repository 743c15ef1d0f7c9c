"""Each request to Amazon Connect passes botocore's own validator against Amazon's description."""

import json
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from connectors import connect
from connectors.amazon_connect import AmazonConnect
from handoff.outbound import GuardedClient
from tests.parcels import parcel
from tests.receiver import Receiver
from tests.specs.prism import SPECS
from tests.vendors import amazon as fake


def test_what_we_send_is_what_amazon_describes() -> None:
    """Of contacts and of tasks, from the opening to the end."""
    described = SPECS / "amazon-connect.json"
    if not described.is_file():
        pytest.skip(f"no description at {described}")
    model = ServiceModel(json.loads(described.read_text(encoding="utf-8")))
    sent: list[tuple[str, dict[str, Any]]] = []
    with Receiver(fake.Amazon()) as peer, closing(GuardedClient(allow_loopback=True)) as outbound:
        told = {**fake.SETTINGS, "url": peer.url.removesuffix("/hook")}
        made = connect("amazon_connect", told, outbound)
        assert isinstance(made, AmazonConnect)
        made._api._client.meta.events.register(
            "before-parameter-build.connect",
            lambda params, model, **_: sent.append((model.name, dict(params))),
        )
        live = {"amazon_contact_id": fake.CONTACT}
        made.deliver(replace(parcel(), external=live))
        made.look_up(replace(parcel(), external=live))
        task = made.deliver(replace(parcel(), external={}))
        for event in ("updated", "changed", "closed"):
            made.deliver(replace(parcel("dlv_2", event), reference=task.reference))
        made.check(parcel().at)

    wrong = [
        (name, found.generate_report())
        for name, about in sent
        if (found := ParamValidator().validate(about, model.operation_model(name).input_shape))
        and found.has_errors()
    ]
    print(f"amazon_connect: {len(sent)} requests, {len(wrong)} breaches")
    assert {name for name, _ in sent} == {
        "GetContactAttributes",
        "StartTaskContact",
        "StopContact",
        "UpdateContact",
        "UpdateContactAttributes",
    }
    assert wrong == []
    assert (
        ParamValidator().validate({}, model.operation_model("StopContact").input_shape).has_errors()
    )
