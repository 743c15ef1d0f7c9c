"""Every page tells the browser what it may do: nothing that is not ours."""

import httpx
import pytest

from tests.web.conftest import Person, escalated

PAGES = (
    "/desk",
    "/desk/escalations/{}",
    "/transfers",
    "/transfers/{}",
    "/transfers.csv",
    "/reports",
    "/reports.csv",
    "/reports/shadow",
    "/reports/shadow.csv",
    "/deliveries",
    "/policies",
    "/policies/nothing",
    "/login",
    "/desk/escalations/nothing",
)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_strict(page: str, bot: httpx.Client, ann: Person) -> None:
    """Content policy, no sniffing, nothing kept by caches, no word to other sites."""
    address = page.format(escalated(bot))

    headers = ann.browser.get(address).headers

    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"


def test_assets_are_kept_for_ever(ann: Person) -> None:
    """Style, script and icon have an address that changes with them."""
    page = ann.see("/desk")
    addresses = [str(link["href"]) for link in page.all("link")]
    addresses += [str(script["src"]) for script in page.all("script")]

    answers = [ann.browser.get(address) for address in addresses]

    assert len(answers) == 6
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_older_asset_is_gone(ann: Person) -> None:
    """An address with another digest must not be answered with the present content."""
    assert ann.browser.get("/static/0123456789abcdef/base.css").status_code == 404
    assert ann.browser.get("/static/0123456789abcdef/..%2f..%2fpyproject.toml").status_code == 404
