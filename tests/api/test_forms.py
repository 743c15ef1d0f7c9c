"""A card in every form over HTTP, and the way back from a call to its card."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from handoff.bootstrap import TENANT, Service, Settings, build
from handoff.cards import RENDERERS, media_type
from handoff.domain.audit import SYSTEM
from handoff.domain.records import Scope
from handoff.services.access import issue_key
from tests import fakes
from tests.api.conftest import OTHER, escalated
from tests.serving import Served


@pytest.fixture
def service(tmp_path: Path, clock: fakes.Clock) -> Iterator[Service]:
    """Return a service whose calls carry signed pointers."""
    made = build(
        Settings(data_dir=tmp_path, pointer_secret="a secret of sixteen and more"),  # type: ignore[arg-type] # read by pydantic
        clock=clock,
        connectors={"desk": fakes.Recorder()},
    )
    yield made
    made.stop()


@pytest.mark.parametrize("form", RENDERERS)
def test_a_card_comes_in_every_form(client: httpx.Client, form: str) -> None:
    """With the form's media type, and nothing that a browser would run."""
    path = f"/v1/escalations/{escalated(client)}/card"

    answer = client.get(path, params={"format": form})

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type(form)
    assert answer.headers["content-security-policy"] == "default-src 'none'"
    assert answer.text


def test_labels_come_in_the_language_asked_for(client: httpx.Client) -> None:
    """What was said stays as it was; a hold message is in the customer's own language."""
    path = f"/v1/escalations/{escalated(client, conversation={'language': 'nl'})}/card"

    text = client.get(path, params={"format": "text", "language": "fr-CA"}).text
    hold = client.get(path, params={"format": "hold", "language": "fr-CA"}).text

    assert "Motif: " in text
    assert "I want to talk to a human" in text
    assert hold.startswith("We halen iemand voor u.")


def test_a_form_links_to_the_card_at_the_desk(client: httpx.Client) -> None:
    """What does not fit is one address away, behind the login."""
    escalation_id = escalated(client)

    note = client.get(f"/v1/escalations/{escalation_id}/card", params={"format": "zendesk"}).text

    assert f'href="http://127.0.0.1:8080/desk/escalations/{escalation_id}"' in note


def test_a_pointer_leads_back_to_its_card(client: httpx.Client, clock: fakes.Clock) -> None:
    """As it arrived with the call, until it expires; a changed one leads nowhere."""
    escalation_id = escalated(client)
    path = f"/v1/escalations/{escalation_id}/card"
    header = client.get(path, params={"format": "uui"}).text

    told = client.get("/v1/pointers", params={"header": header})
    forged = client.get("/v1/pointers", params={"header": header.replace("3", "4", 1)})
    clock.forward(timedelta(hours=5).total_seconds())
    late = client.get("/v1/pointers", params={"header": header})

    assert told.json()["escalation_id"] == escalation_id
    assert told.json()["card_url"].endswith(escalation_id)
    assert (forged.status_code, late.status_code) == (422, 422)


def test_another_tenants_pointer_leads_nowhere(
    client: httpx.Client, served: Served, service: Service
) -> None:
    """Signed by the same service, and still not theirs to follow."""
    path = f"/v1/escalations/{escalated(client)}/card"
    header = client.get(path, params={"format": "uui"}).text
    at = service.deps.clock()
    key, _ = service.deps.store.write(
        OTHER, lambda tx: issue_key(tx, "eve", [*Scope], by=SYSTEM, at=at)
    )

    with served.client(key) as stranger:
        answer = stranger.get("/v1/pointers", params={"header": header})

    assert TENANT != OTHER
    assert answer.status_code == 404


def test_without_a_secret_there_are_no_pointers(tmp_path: Path, clock: fakes.Clock) -> None:
    """The form says what is missing, and nothing unsigned is followed."""
    service = build(Settings(data_dir=tmp_path / "bare"), clock=clock, connectors={})
    at = service.deps.clock()
    key, _ = service.deps.store.write(
        TENANT, lambda tx: issue_key(tx, "ann", [*Scope], by=SYSTEM, at=at)
    )
    with Served(service.app) as served, served.client(key) as client:
        made = client.get(f"/v1/escalations/{escalated(client)}/card", params={"format": "uui"})
        led = client.get("/v1/pointers", params={"header": "0001;encoding=hex"})

    assert (made.status_code, led.status_code) == (422, 422)
    assert "key" in made.json()["detail"]
