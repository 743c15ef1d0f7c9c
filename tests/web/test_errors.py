"""What goes wrong outside the pages' own routes: a page for browsers, else problem details."""

import pytest
from fastapi import FastAPI

from handoff.bootstrap import Service
from tests.serving import Served
from tests.web.conftest import Person
from tests.web.looking import Look

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
JSON = "application/problem+json"


@pytest.mark.parametrize("address", ["/nowhere", "/desk/nowhere/else", "/login/x"])
def test_an_unknown_address_is_a_page_for_browsers(served: Served, address: str) -> None:
    """With a way back, and with the headers of every page; others get problem details."""
    with served.client() as client:
        page = client.get(address, headers=BROWSER)
        other = client.get(address)

    assert (page.status_code, other.status_code) == (404, 404)
    assert "There is no page at this address." in Look(page.text).text
    assert "/" in Look(page.text).links
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert other.headers["content-type"] == JSON


def test_the_api_never_answers_with_a_page(served: Served) -> None:
    """Whatever is accepted: below /v1 an error is problem details."""
    with served.client() as client:
        answer = client.get("/v1/nowhere", headers=BROWSER)

    assert (answer.status_code, answer.headers["content-type"]) == (404, JSON)


def test_a_form_from_another_site_is_refused_on_a_page(ann: Person) -> None:
    """Before the route is reached, and still in words."""
    headers = {**BROWSER, "Sec-Fetch-Site": "cross-site"}

    answer = ann.browser.post("/logout", headers=headers)

    assert answer.status_code == 403
    assert "Another site" in Look(answer.text).text


def test_a_fault_of_ours_is_told_on_a_page(service: Service) -> None:
    """Without a word of what failed."""
    app = service.app
    assert isinstance(app, FastAPI)

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("a secret")

    with Served(app) as served, served.client() as client:
        answer = client.get("/broken", headers=BROWSER)

    assert answer.status_code == 500
    assert "The service failed." in Look(answer.text).text
    assert "secret" not in answer.text
