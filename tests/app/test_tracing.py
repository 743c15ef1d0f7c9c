"""One trace from a runtime's request to the receiver of a delivery, with nobody's words in it."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from handoff import bootstrap
from handoff.bootstrap import TENANT, Service, Settings, build
from handoff.domain.audit import SYSTEM
from handoff.domain.records import Scope
from handoff.services.access import issue_key
from handoff.tracing import OtelTracer
from tests.receiver import Receiver
from tests.serving import Served

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
ASKS = "I want to talk to a human about my secret canary"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a webhook's receiver."""
    with Receiver() as listening:
        yield listening


@pytest.fixture
def settings(tmp_path: Path, receiver: Receiver) -> Settings:
    """Return settings with a webhook."""
    told = {"data_dir": tmp_path, "webhook_url": receiver.url, "allow_loopback": True}
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    return Settings.model_validate({**told, "webhook_secret": secret})


def asked(service: Service, **headers: str) -> httpx.Response:
    """Return the answer to a customer who asks for a person, once it is delivered."""
    key, _ = service.deps.store.write(
        TENANT, lambda tx: issue_key(tx, "bot", [*Scope], by=SYSTEM, at=service.deps.clock())
    )
    with Served(service.app) as served, served.client(key) as client:
        body = {"turn_id": "t1", "role": "customer", "text": ASKS}
        answer = client.post("/v1/conversations/c1/turns", json=body, headers=headers)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            listed = client.get("/v1/deliveries", params={"state": "confirmed"}).json()["items"]
            if any(each["connector"] == "webhook" for each in listed):
                return answer
            time.sleep(0.02)
    raise AssertionError("nothing was delivered")


def test_a_delivery_is_a_span_of_the_runtimes_trace(
    settings: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turn under the runtime's span, delivery under the turn's, the receiver told of that."""
    kept = InMemorySpanExporter()
    tracer = OtelTracer("handoff", SimpleSpanProcessor(kept))
    monkeypatch.setattr(bootstrap, "tracer_of", lambda _: closing(tracer))
    service = build(settings)

    asked(service, traceparent=PARENT)

    turn, delivery = (_named(kept, name) for name in ("handoff turn", "handoff delivery"))
    assert f"{turn.context.trace_id:032x}" == f"{delivery.context.trace_id:032x}" == TRACE
    assert f"{turn.parent.span_id:016x}" == "00f067aa0ba902b7"
    assert delivery.parent.span_id == turn.context.span_id
    assert delivery.attributes["handoff.connector"] == "webhook"
    told = receiver.ledger[0].headers["traceparent"]
    assert told == f"00-{TRACE}-{delivery.context.span_id:016x}-01"
    assert "canary" not in json.dumps([span.to_json() for span in kept.get_finished_spans()])


def test_without_a_collector_the_runtimes_trace_is_told_on(
    settings: Settings, receiver: Receiver
) -> None:
    """A receiver that traces sees whom it belongs to all the same."""
    asked(build(settings), traceparent=PARENT)

    assert receiver.ledger[0].headers["traceparent"] == PARENT


@pytest.mark.parametrize(
    "header", ["", "00-0-0-01", f"00-{'0' * 32}-00f067aa0ba902b7-01", "x" * 999]
)
def test_what_names_no_trace_is_left_out(
    settings: Settings, receiver: Receiver, header: str
) -> None:
    """And hinders nothing."""
    assert asked(build(settings), traceparent=header).status_code == 200
    assert "traceparent" not in receiver.ledger[0].headers


def test_spans_reach_a_collector(settings: Settings) -> None:
    """Over OTLP, when the service ends at the latest."""
    with Receiver() as collector:
        url = f"http://127.0.0.1:{collector.port}/v1/traces"
        service = build(settings.model_copy(update={"otlp_url": url}))
        asked(service, traceparent=PARENT)

    assert bytes.fromhex(TRACE) in b"".join(request.body for request in collector.ledger)
    assert collector.ledger[0].line == "POST /v1/traces HTTP/1.1"


def _named(kept: InMemorySpanExporter, name: str) -> ReadableSpan:
    return next(
        span
        for span in kept.get_finished_spans()
        if span.name == name and (span.attributes or {}).get("handoff.connector") != "desk"
    )
