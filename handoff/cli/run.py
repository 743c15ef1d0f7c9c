"""Send recordings through a service: escalations, cards, a summary."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Annotated

import typer
from pydantic import JsonValue
from rich.console import Console

from handoff.bootstrap import TENANT, Service
from handoff.cli.feeding import Feeder, feed_all, into_services, over_http
from handoff.cli.options import Files, Format, PolicyFile, load_policy
from handoff.cli.output import Pace, complain, emit
from handoff.cli.reading import Recordings
from handoff.cli.stage import own_settings, working
from handoff.cli.tally import Summary
from handoff.client import Client
from handoff.domain.errors import Invalid

AT_ONCE, AT_ONCE_OVER_HTTP = 64, 16
OUTBOX = "outbox"
STILL = 120.0
"""Seconds without any delivery being settled after which waiting for them is given up."""
WIDTH = 160
"""Columns of the table where there is no terminal."""
UNDER_WAY = ("deliveries_pending", "deliveries_sending", "deliveries_unknown")


@dataclass(frozen=True, slots=True)
class Written:
    """What a service of our own left behind: cards, and deliveries that did not arrive."""

    cards: int
    undelivered: int
    outbox: Path | None
    """Where the cards are; None if they were not kept."""


def run(
    files: Files,
    url: Annotated[
        str | None, typer.Option(help="A running service; a new one in this process without it.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="An API key with the scope runtime.")] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep database and cards here; not kept without it."),
    ] = None,
    policy: PolicyFile = None,
    layout: Format = None,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, max=500, help="Conversations at a time; 64, with --url 16."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> int:
    """Send recorded conversations through the service as if they took place now.

    Recorded bot turns are sent as records. A conversation that needed nobody is ended; an
    escalation is left for a person. Turns are known by their ids: a second run over the same data
    changes nothing. Exits with 1 if a line was skipped, a conversation was not taken or a card is
    missing.
    """
    recordings = Recordings(files, layout, complain)
    written: Written | None = None
    if url is not None:
        with _client(url, key, data, policy) as client:
            summary = _feed(over_http(client), recordings, jobs or AT_ONCE_OVER_HTTP)
    else:
        load_policy(policy)  # its mistakes are told before anything is made
        with _service(data, policy) as (service, outbox):
            feeder = into_services(service.deps, TENANT)
            summary = _feed(feeder, recordings, jobs or AT_ONCE)
            undelivered = _settle(service)
            written = Written(_cards(outbox), undelivered, outbox if data else None)
    for problem in summary.problems:
        complain(problem)
    _print(summary, written, as_json=as_json)
    lost = written is not None and written.cards < summary.total.escalations
    return 1 if recordings.skipped or summary.problems or lost else 0


def _client(url: str, key: str | None, data: Path | None, policy: Path | None) -> Client:
    if key is None:
        raise Invalid("--url needs --key")
    if data is not None or policy is not None:
        raise Invalid("with --url the service keeps the data and has the policy")
    return Client(url, key)


@contextmanager
def _service(data: Path | None, policy: Path | None) -> Iterator[tuple[Service, Path]]:
    """Run a service in `data`, else in a temporary folder; yield it and its outbox."""
    with tempfile.TemporaryDirectory(prefix="handoff-run-") as temporary:
        folder = data or Path(temporary)
        outbox = folder / OUTBOX
        # Recordings come all at once: that many of a kind is no incident.
        settings = own_settings(folder, outbox_dir=outbox, policy_file=policy, storms=False)
        with working(settings) as service:
            yield service, outbox


def _feed(feed: Feeder, recordings: Recordings, at_once: int) -> Summary:
    summary = Summary()
    last = perf_counter()
    with Pace("run") as pace:
        for count, fed in enumerate(feed_all(feed, recordings, at_once), 1):
            now = perf_counter()
            summary.add(fed, now - last)
            last = now
            pace.show(recordings.done, recordings.size, count)
    return summary


def _settle(service: Service) -> int:
    """Wait until every delivery came to a result; return how many did not arrive."""
    most = left = _counted(service, UNDER_WAY)
    moved = monotonic()
    with Pace("deliver", counts="deliveries") as pace:
        while left and monotonic() - moved < STILL:
            sleep(0.1)
            before, left = left, _counted(service, UNDER_WAY)
            most = max(most, left)
            if left != before:
                moved = monotonic()
            pace.show(most - left, most, most - left)
    return left + _counted(service, ("deliveries_refused", "deliveries_dead"))


def _counted(service: Service, names: tuple[str, ...]) -> int:
    counts = service.deps.store.read_any(lambda work: work.counts())
    return sum(counts[name] for name in names)


def _cards(outbox: Path) -> int:
    """Return the number of escalations that have a card in the outbox."""
    return len({card.parent for card in outbox.glob("*/*.txt")}) if outbox.is_dir() else 0


def _print(summary: Summary, written: Written | None, *, as_json: bool) -> None:
    if as_json:
        record = summary.record()
        if written is not None:
            kept: JsonValue = str(written.outbox) if written.outbox else None
            record |= {"cards": written.cards, "undelivered": written.undelivered, "outbox": kept}
        emit([record])
        return
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    console.print(summary.table())
    if written is not None:
        place = (
            str(written.outbox) if written.outbox else "a temporary folder (--data DIR keeps it)"
        )
        console.print(f"{written.cards} cards in {place}", soft_wrap=True, markup=False)
        if written.undelivered:
            console.print(f"{written.undelivered} deliveries did not arrive", style="red")
