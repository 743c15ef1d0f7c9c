"""Who asks: keys that can be revoked, logins in cookies, and other sites' pages."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from handoff.bootstrap import TENANT, Service, Settings, build
from handoff.domain.audit import SYSTEM
from handoff.domain.errors import Unauthenticated
from handoff.domain.records import Scope
from handoff.services.access import issue_key, issue_login, redeem_login, revoke_key
from handoff.services.door import MEMORY, Credential, Door, Kind
from tests import fakes
from tests.api.conftest import NewKey
from tests.serving import BASE, Served

ME = "/v1/me/presence"
AWAY = {"status": "away"}


def logged_in(served: Served, service: Service, *scopes: Scope) -> httpx.Client:
    """Return a client with the cookie of a login."""
    deps = service.deps
    token = deps.store.write(
        TENANT, lambda tx: issue_login(tx, "ann", scopes, by=SYSTEM, at=deps.clock())
    )
    session, _ = redeem_login(deps.store, token, deps.clock())
    return served.client(headers={"Cookie": f"handoff_session={session}"})


def test_a_key_with_one_wrong_character_opens_nothing(served: Served, new_key: NewKey) -> None:
    """Id, secret and check all count; so does the scheme's name, but not its case."""
    key = new_key()
    place = len(key) // 2
    wrong = key[:place] + ("0" if key[place] != "0" else "1") + key[place + 1 :]
    headers = [f"Bearer {wrong}", f"Basic {key}", key, "Bearer", f"bearer  {key}"]

    with served.client() as client:
        answers = [client.get("/v1/queues", headers={"Authorization": each}) for each in headers]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 200]


def test_a_revoked_key_is_shut_out_within_a_second(service: Service, new_key: NewKey) -> None:
    """A door remembers a key for a second and no longer."""
    key, passed = new_key(), [0.0]
    deps = service.deps
    door = Door(deps.store, deps.clock, now=lambda: passed[0])
    shown = Credential(Kind.KEY, key)
    door.recognise(shown)

    deps.store.write(
        TENANT, lambda tx: revoke_key(tx, key.split("_")[1], by=SYSTEM, at=deps.clock())
    )

    assert door.remembered(shown) is not None
    passed[0] = MEMORY
    assert door.remembered(shown) is None
    assert door.recognise(shown) is None


def test_a_key_ends_when_it_expires(service: Service, clock: fakes.Clock) -> None:
    """At the very end of its life it is over."""
    deps = service.deps
    key, _ = deps.store.write(
        TENANT,
        lambda tx: issue_key(
            tx, "bot", [Scope.RUNTIME], by=SYSTEM, at=clock(), life=timedelta(days=1)
        ),
    )
    door = Door(deps.store, clock)

    assert door.recognise(Credential(Kind.KEY, key)) is not None
    clock.forward(86_400)
    assert door.recognise(Credential(Kind.KEY, key)) is None


def test_the_database_holds_no_usable_key(service: Service, new_key: NewKey) -> None:
    """Only hashes are kept: no file of the database has the secret in it."""
    key = new_key()
    folder = service.settings.data_dir
    service.stop()

    kept = b"".join(path.read_bytes() for path in folder.glob("handoff.db*"))

    assert key.split("_")[1].encode() in kept
    assert key.split("_")[2].encode() not in kept


def test_a_login_is_good_for_its_scopes(served: Served, service: Service) -> None:
    """A person's cookie opens what an agent may do, under their name."""
    with logged_in(served, service, Scope.AGENT) as ann:
        presence = ann.put(ME, json=AWAY)
        forbidden = ann.get("/v1/audit")

    assert presence.json()["human"] == "ann"
    assert forbidden.status_code == 403


def test_a_login_link_works_once_and_not_for_long(service: Service, clock: fakes.Clock) -> None:
    """Used, or after a quarter of an hour, it opens nothing; and it is no session itself."""
    deps = service.deps

    def link() -> str:
        return deps.store.write(
            TENANT, lambda tx: issue_login(tx, "ann", [Scope.AGENT], by=SYSTEM, at=clock())
        )

    used, late = link(), link()
    assert Door(deps.store, clock).recognise(Credential(Kind.SESSION, used)) is None
    redeem_login(deps.store, used, clock())
    with pytest.raises(Unauthenticated):
        redeem_login(deps.store, used, clock())
    clock.forward(15 * 60)
    with pytest.raises(Unauthenticated):
        redeem_login(deps.store, late, clock())


def test_a_cookie_is_taken_as_we_set_it(served: Served, service: Service) -> None:
    """Among others, by its exact name; quoted or overlong it is none of ours."""
    with logged_in(served, service, Scope.AGENT) as ann:
        ours = ann.headers["Cookie"]
        value = ours.partition("=")[2]
        cookies = [f"a=b; {ours};c", f"x{ours}", f'handoff_session="{value}"', f"{ours}{'x' * 200}"]
        answers = [ann.put(ME, json=AWAY, headers={"Cookie": each}) for each in cookies]

    assert [answer.status_code for answer in answers] == [200, 401, 401, 401]


def test_cookies_go_no_further_than_the_door(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """http.cookies, quadratic for quoted values, is never asked: neither by us nor by others."""
    asked: list[str] = []
    monkeypatch.setattr("http.cookies._unquote", lambda text: asked.append(text) or text)
    hostile = 'handoff_session="\\a\\a"; other="\\a"'

    with served.client(headers={"Cookie": hostile}) as client:
        answers = [client.get(path) for path in ("/desk", "/healthz", "/v1/queues")]

    assert [answer.status_code for answer in answers] == [303, 200, 401]
    assert asked == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": BASE}, 200),
        ({"Origin": "http://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 200),
    ],
)
def test_another_sites_page_cannot_use_a_login(
    served: Served, service: Service, headers: dict[str, str], status: int
) -> None:
    """What a browser says of where a request comes from decides, for cookies."""
    with logged_in(served, service, Scope.AGENT) as ann:
        answer = ann.put(ME, json=AWAY, headers=headers)

    assert answer.status_code == status


def test_a_key_may_be_used_from_anywhere(client: httpx.Client) -> None:
    """No browser sends an API key by itself."""
    answer = client.put(ME, json=AWAY, headers={"Origin": "http://elsewhere.test"})

    assert answer.status_code == 200


def test_over_https_the_cookie_is_bound_to_the_host(tmp_path: Path) -> None:
    """Its name begins with `__Host-`, so that browsers keep it only if it is Secure."""
    service = build(Settings(data_dir=tmp_path, base_url="https://handoff.test/"))
    service.stop()

    assert service.app.state.cookie == "__Host-handoff_session"
    assert service.deps.base_url == "https://handoff.test"
