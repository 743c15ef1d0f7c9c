"""Counts by job and by intent."""

import csv
import io

import httpx

from handoff.services.report import COLUMNS
from tests import fakes
from tests.web.conftest import Person, escalated, say


def test_figures_by_job_and_intent(ann: Person, bot: httpx.Client, clock: fakes.Clock) -> None:
    """Contained, escalated and what came of it, with each figure's definition beside it."""
    about = {"job": "returns"}
    say(bot, "hi", "c1", conversation=about, intent="label")
    bot.post("/v1/conversations/c1/end", json={"by": "customer"})
    escalation = escalated(bot, "c2", conversation=about, intent="label")
    clock.forward(90)
    ann.do(escalation, "claim")
    ann.do(escalation, "hand_back", summary="done")

    text = ann.see("/reports").text

    assert "returns label 50% 2 1 1 1 0 1 0 0 1 90 90 0 human_request" in text
    assert "Containment 50%" in text
    assert all(sentence in text for sentence in COLUMNS.values())


def test_csv_has_every_figure(ann: Person, bot: httpx.Client) -> None:
    """The columns are the definitions'."""
    escalated(bot, conversation={"job": "returns"})

    answer = ann.browser.get("/reports.csv")

    (row,) = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert tuple(row) == tuple(COLUMNS)
    assert (row["job"], row["escalations"]) == ("returns", "1")


def test_a_period_without_conversations_says_so(ann: Person, bot: httpx.Client) -> None:
    """And keeps the days that were asked for."""
    escalated(bot)

    page = ann.see("/reports?since=2027-01-01")

    assert "No conversation began in this period." in page.text
    assert page.field("since") == "2027-01-01"
    assert "/reports.csv?since=2027-01-01" in page.links


def test_the_period_is_told(ann: Person, bot: httpx.Client) -> None:
    """All days where none is asked for, and that no day lies in a period that ends first."""
    escalated(bot)

    assert "all days" in ann.see("/reports").text
    for page in ("reports", "transfers"):
        backwards = ann.see(f"/{page}?since=2026-05-04&until=2026-05-03")
        same_day = ann.see(f"/{page}?since=2026-05-04&until=2026-05-04")
        assert "The first day is later than the last" in backwards.text
        assert "The first day is later than the last" not in same_day.text


def test_rows_and_reasons_lead_to_their_transfers(ann: Person, bot: httpx.Client) -> None:
    """With the period kept."""
    escalated(bot, conversation={"job": "returns"}, intent="label")

    links = ann.see("/reports?since=2026-05-01").links

    assert "/transfers?since=2026-05-01&job=returns&intent=label" in links
    assert "/transfers?since=2026-05-01&reason=customer_requests_human_no_specific_reason" in links


def test_bars_are_drawn_without_a_script(ann: Person, bot: httpx.Client) -> None:
    """As pictures in the page, to scale."""
    for n in range(2):
        escalated(bot, f"c{n}")

    bars = [one["width"] for one in ann.see("/reports").all("rect") if one["class"] == "bar-first"]

    assert bars == ["0.0", "100.0", "100.0"]
