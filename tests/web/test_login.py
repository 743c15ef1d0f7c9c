"""Logging in by a link that works once, and out again."""

from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from handoff.domain.records import Scope
from tests.serving import Served
from tests.web.conftest import LogIn, Person
from tests.web.looking import Look


def token_of(link: str) -> str:
    """Return the token in a login link."""
    return urlsplit(link).query.partition("=")[2]


def test_looking_at_a_link_does_not_use_it_up(served: Served, link: Callable[..., str]) -> None:
    """Mail scanners and previews follow links: only the button logs in."""
    address = link()
    browser = served.client()

    first, second = browser.get(address), browser.get(address)
    entered = browser.post("/login", data={"token": Look(second.text).field("token")})

    assert (first.status_code, second.status_code) == (200, 200)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert browser.get("/desk").status_code == 200


def test_a_link_works_once(served: Served, link: Callable[..., str]) -> None:
    """The second use is refused, and says what to do."""
    token = token_of(link())
    served.client().post("/login", data={"token": token})

    again = served.client().post("/login", data={"token": token})

    assert again.status_code == 403
    assert "Ask for a new one" in Look(again.text).text
    assert "set-cookie" not in again.headers


def test_the_cookie_is_out_of_reach(served: Served, link: Callable[..., str]) -> None:
    """No script reads it and no other site's form sends it."""
    answer = served.client().post("/login", data={"token": token_of(link())})

    parts = answer.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=604800"} <= set(parts)


def test_a_new_login_ends_the_session_before(served: Served, link: Callable[..., str]) -> None:
    """A session somebody else may know is worth nothing after a login."""
    browser = served.client()
    browser.post("/login", data={"token": token_of(link())})
    before = dict(browser.cookies)

    browser.post("/login", data={"token": token_of(link("bob"))})

    assert dict(browser.cookies) != before
    browser.cookies.clear()
    stale = served.client(cookies=before)
    assert stale.get("/desk").headers["location"] == "/login"


def test_logging_out_ends_the_session(ann: Person) -> None:
    """In the store, not only in the browser."""
    cookies = dict(ann.browser.cookies)

    answer = ann.send("/logout")

    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    ann.browser.cookies.update(cookies)
    assert ann.browser.get("/desk").headers["location"] == "/login"


def test_nobody_sees_a_page_without_logging_in(served: Served) -> None:
    """Everything but the login leads to the login."""
    browser = served.client()

    for address in (
        "/",
        "/desk",
        "/desk/escalations/x",
        "/transfers",
        "/transfers.csv",
        "/reports",
        "/deliveries",
    ):
        answer = browser.get(address)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login"), address


def test_pages_are_for_who_has_the_scope(log_in: LogIn) -> None:
    """Agents have the desk, supervisors all, administrators the counts but no conversation."""
    agent = log_in("ann", Scope.AGENT)
    admin = log_in("eve", Scope.ADMIN)

    def seen(person: Person) -> list[int]:
        places = ("/desk", "/transfers", "/reports", "/deliveries", "/policies", "/transfers/e1")
        return [person.browser.get(place).status_code for place in places]

    assert seen(agent) == [200, 403, 403, 403, 403, 403]
    assert seen(admin) == [403, 200, 200, 200, 200, 403]
    assert "/transfers" not in agent.see("/desk").links


def test_another_tenants_escalation_is_not_there(log_in: LogIn, bot: httpx.Client) -> None:
    """Not forbidden: unknown."""
    opened = bot.post("/v1/escalations", json={"conversation_id": "c1"}).json()
    stranger = log_in("mal", tenant="other")

    escalation = opened["escalation"]["escalation_id"]
    stranger.see(f"/desk/escalations/{escalation}", 404)
    stranger.see(f"/transfers/{escalation}", 404)
    assert stranger.send(f"/desk/escalations/{escalation}/claim").status_code == 404
