"""`make bench`: measure, print the table, and say which bounds are met."""

import json
import sys
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from tests import redis_server
from tests.benchmarks import burst, cards, delivering, detector, ingest, opening, sending

Row = tuple[str, str, str, bool | None]


def main() -> None:
    """Run everything and print one row per figure; `--json` prints the rows as JSON."""
    console = Console(stderr=True)
    with console.status("detector …"):
        rows = list(_detector(detector.run()))
    with console.status("cards beside sumy's summaries …"):
        rows += _cards(cards.run())
    with console.status("durable turns over HTTP, three servers in turn, on two databases …"):
        rows += _ingest(ingest.run())
    with console.status("opening on 200-turn conversations …"):
        rows += _opening(opening.run())
    with console.status("openings that a worker delivers …"), redis_server.running() as redis:
        found = opening.run(delivering.working, HANDOFF_REDIS_URL=redis.url)
        rows += _by_a_worker(found)
    with console.status("emptying a full outbox …"):
        rows += _delivering(delivering.run())
    with console.status("sending by the shared client and by httpx alone …"):
        rows += _sending(sending.run())
    with console.status("one tenant's burst beside another tenant …"):
        rows += _burst(burst.run())
    if "--json" in sys.argv:
        names = ("what", "measured", "bound", "met")
        print(json.dumps([dict(zip(names, row, strict=True)) for row in rows], indent=1))
        return
    table = Table("what", "measured", "bound", "met", title="make bench")
    for what, measured, bound, met in rows:
        table.add_row(what, measured, bound, {True: "yes", False: "NO", None: ""}[met])
    Console().print(table)


def _detector(found: dict[str, float]) -> Iterator[Row]:
    p50, p99 = found["p50"], found["p99"]
    yield "detector per turn, p50", f"{p50:.0f} µs", "≤ 150 µs", p50 <= 150
    yield "detector per turn, p99", f"{p99:.0f} µs", "≤ 500 µs", p99 <= 500
    growth, state, worst = found["growth"], found["state"], found["hostile_ms"]
    yield "10,000th turn against the 120th", f"{growth:.2f} ×", "≤ 1.2 ×", growth <= 1.2
    yield "  … the state after it", f"{state:,.0f} bytes", "≤ 8,192", state <= 8_192
    yield "1 MB of hostile text, the worst of four", f"{worst:.1f} ms", "≤ 20 ms", worst <= 20


def _cards(found: dict[int, cards.Figures]) -> Iterator[Row]:
    for size, figures in found.items():
        bound = cards.BOUNDS[size]
        what = f"card and its text form, {size:,} turns"
        yield what, f"{figures.card:.1f} ms", f"≤ {bound:g} ms", figures.card <= bound
        if figures.lex_rank is not None and figures.text_rank is not None:
            peers = f"{figures.lex_rank:,.0f} / {figures.text_rank:,.0f} ms"
            yield "  … sumy's LexRank / TextRank on the same words", peers, "", None


def _ingest(found: dict[str, object]) -> Iterator[Row]:
    figures = found["by_connections"]
    assert isinstance(figures, dict)
    for connections, found_here in figures.items():
        what = f"durable turns over HTTP, {connections} connection{'s' * (connections > 1)}"
        yield from _durable(what, found_here, 0.55)
    there = found["postgresql"]
    assert isinstance(there, ingest.Figures)
    yield from _durable("durable turns on PostgreSQL, 16 connections", there, 0.45)
    idle, busy = found["idle_mb"], found["busy_mb"]
    assert isinstance(idle, float)
    yield "memory of the idle service", f"{idle:.0f} MB", "≤ 150 MB", idle <= 150
    yield "  … after the load", f"{busy:.0f} MB", "", None


def _durable(what: str, found: ingest.Figures, bound: float) -> Iterator[Row]:
    mine, watched, plain = found.service, found.watched, found.plain
    share = found.of_watched
    speed = f"{share:.2f} of bare ({mine.per_second:,.0f}/s : {watched.per_second:,.0f}/s)"
    yield what, speed, f"≥ {bound:.2f}", share >= bound
    latency = f"{mine.p50 * 1e3:.2f} / {mine.p99 * 1e3:.2f} ms"
    yield "  … p50 / p99", latency, "", None
    share = found.of_plain
    speed = f"{share:.2f} ({plain.per_second:,.0f}/s)"
    yield "  … against bare without detector and redaction", speed, "", None


def _opening(found: dict[str, float]) -> Iterator[Row]:
    card, hook = found["card_p99"], found["hook_p50"]
    what = "opening on 200 turns until the card is in the answer"
    yield f"{what}, p50", f"{found['card_p50']:.1f} ms", "", None
    yield f"{what}, p99", f"{card:.1f} ms", "≤ 50 ms", card <= 50
    what = "opening on 24 turns until a loopback webhook has it"
    yield f"{what}, p50", f"{hook:.1f} ms", "≤ 20 ms", hook <= 20
    yield f"{what}, p99", f"{found['hook_p99']:.1f} ms", "", None


def _by_a_worker(found: dict[str, float]) -> Iterator[Row]:
    p50, p99 = found["hook_p50"], found["hook_p99"]
    what = "the same, delivered by a worker that Redis woke"
    yield f"{what}, p50", f"{p50:.1f} ms", "≤ 25 ms", p50 <= 25
    yield f"{what}, p99", f"{p99:.1f} ms", "≤ 120 ms", p99 <= 120


def _delivering(found: dict[str, float]) -> Iterator[Row]:
    embedded, workers, jobs = found["embedded"], found["workers"], found["jobs"]
    yield "webhooks per second by the service", f"{embedded:.0f}", "≥ 400", embedded >= 400
    share = workers / jobs
    told = f"{share:.1f} × RQ's no-op jobs ({workers:.0f}/s : {jobs:.0f}/s)"
    yield "webhooks by two workers", told, "≥ 2 ×", share >= 2


def _sending(found: dict[str, float]) -> Iterator[Row]:
    share, ours, other = found["share"], found["ours"], found["httpx"]
    what = f"{sending.SENDS:,} sends by the shared client, {sending.THREADS} threads"
    yield what, f"{share:.2f} of httpx ({ours:.0f}/s : {other:.0f}/s)", "≥ 0.70", share >= 0.7
    yield "  … by the webhook connector, signed", f"{found['webhook']:.0f}/s", "", None


def _burst(found: dict[str, float]) -> Iterator[Row]:
    accepted, missing = found["accepted"], found["missing"]
    what = "10 × burst of one tenant for 60 s: accepted and delivered"
    yield what, f"{accepted - missing:,.0f} of {accepted:,.0f}", "all", missing == 0
    calm, during = found["calm"], found["burst"]
    told = f"{during / calm:.1f} × ({calm:.0f} ms, so {during:.0f} ms)"
    yield "  … another tenant's p99 until its webhook", told, "≤ 1.5 ×", during <= 1.5 * calm
    live, records = found["live"], found["records"]
    yield (
        "  … p99 of live / records",
        f"{live:.0f} / {records:.0f} ms",
        "live first",
        live <= records,
    )


if __name__ == "__main__":
    main()
