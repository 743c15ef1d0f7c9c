"""The list of transfers: filtered, page by page, as CSV."""

import csv
import io

import httpx
import pytest

from handoff.domain.escalation import State
from handoff.web.filters import Filters, Period
from handoff.web.transfers import CSV_COLUMNS, LIMIT
from tests import fakes
from tests.web.conftest import Person, escalated
from tests.web.looking import Look


def told(page: Look) -> list[str]:
    """Return the escalations that a page lists."""
    return [link.rpartition("/")[2] for link in page.links if link.startswith("/transfers/")]


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    """Return the rows of a CSV answer."""
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


@pytest.fixture
def three(bot: httpx.Client, ann: Person, clock: fakes.Clock) -> list[str]:
    """Return three escalations of three days: closed, moved, new."""
    about = [
        ({"job": "returns"}, {"intent": "refund"}),
        ({"job": "returns"}, {"intent": "label"}),
        ({"job": "orders"}, {"intent": "refund"}),
    ]
    opened = []
    for n, (conversation, turn) in enumerate(about):
        opened.append(escalated(bot, f"c{n}", conversation=conversation, **turn))
        clock.forward(86_400)
    ann.do(opened[0], "claim")
    clock.forward(60)
    ann.do(opened[0], "close", outcome="resolved", disposition="refund")
    ann.do(opened[1], "transfer", queue="billing")
    return opened


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [2, 1, 0]),
        ("?job=returns", [1, 0]),
        ("?intent=refund", [2, 0]),
        ("?job=returns&intent=refund", [0]),
        ("?state=closed", [0]),
        ("?state=open", [2, 1]),
        ("?queue=billing", [1]),
        ("?reason=customer_requests_human_no_specific_reason", [2, 1, 0]),
        ("?reason=tool_failed", []),
        ("?since=2026-05-05", [2, 1]),
        ("?until=2026-05-05", [1, 0]),
        ("?since=2026-05-05&until=2026-05-05", [1]),
    ],
)
def test_filters(query: str, expected: list[int], three: list[str], ann: Person) -> None:
    """The page and its CSV let the same ones through."""
    page = ann.see(f"/transfers{query}")
    (link,) = [one for one in page.links if one.startswith("/transfers.csv")]

    wanted = [three[n] for n in expected]
    assert told(page) == wanted
    assert [row["escalation_id"] for row in rows(ann.browser.get(link))] == wanted


def test_the_form_keeps_its_filters(three: list[str], ann: Person) -> None:
    """What was asked stands in the fields."""
    page = ann.see("/transfers?job=returns&state=closed&since=2026-05-01")

    assert (page.field("job"), page.field("since")) == ("returns", "2026-05-01")
    selected = [option["value"] for option in page.all("option") if "selected" in option]
    assert selected == ["closed"]


def test_pages_go_on_with_the_same_filters(bot: httpx.Client, ann: Person) -> None:
    """Nothing is shown twice or left out."""
    opened = [escalated(bot, f"c{n}", conversation={"job": "j"}) for n in range(LIMIT + 2)]

    first = ann.see("/transfers?job=j")
    (more,) = [link for link in first.links if "cursor=" in link]
    second = ann.see(more)

    assert "job=j" in more
    assert sorted(told(first) + told(second)) == sorted(opened)
    assert len(told(second)) == 2


def test_csv_has_the_times_in_seconds(three: list[str], ann: Person) -> None:
    """Waiting and handling can be reckoned with."""
    answer = ann.browser.get("/transfers.csv?state=closed")

    (row,) = rows(answer)
    assert tuple(row) == CSV_COLUMNS
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="transfers.csv"' in answer.headers["content-disposition"]
    assert row["wait_s"] == str(3 * 86_400.0)
    assert (row["handle_s"], row["outcome"], row["disposition"]) == ("60.0", "resolved", "refund")


def test_who_waits_still_is_told_how_long(three: list[str], ann: Person) -> None:
    """The newest is a day in the queue, the closed one waited three."""
    text = ann.see("/transfers").text

    assert "1 d 0 h so far" in text
    assert "3 d 0 h 1 min" in text


def test_csv_is_no_formula(bot: httpx.Client, ann: Person) -> None:
    """A job's name does not become a spreadsheet's formula."""
    escalated(bot, conversation={"job": "=HYPERLINK(1)"})

    (row,) = rows(ann.browser.get("/transfers.csv"))

    assert row["job"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    "query", ["since=yesterday", "until=0001-01-01", "state=lost", "cursor=made-up"]
)
def test_a_filter_that_cannot_be_used_says_so(query: str, ann: Person) -> None:
    """On the page and for the CSV: an empty file would be a wrong answer."""
    assert ann.browser.get(f"/transfers?{query}").status_code == 422
    if "cursor" not in query:
        assert ann.browser.get(f"/transfers.csv?{query}").status_code == 422


def test_an_empty_list_says_what_to_do(ann: Person) -> None:
    """Before the first transfer, and when nothing fits."""
    assert "handoff run FILE" in ann.see("/transfers").text
    assert "No transfer fits these filters." in ann.see("/transfers?job=x").text


def test_open_means_every_state_but_closed() -> None:
    """So a new state is never left out."""
    states = Filters(Period(), state="open").where.states

    assert states == tuple(state for state in State if state is not State.CLOSED)
