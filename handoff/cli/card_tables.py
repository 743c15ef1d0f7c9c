"""Draws the figures of `handoff evaluate --cards` as tables."""

from collections import Counter
from collections.abc import Iterator, Mapping

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from handoff.cli.figures import NOTHING, printable
from handoff.evaluation.cards.report import CardFigures, Key, Measure, Spread
from handoff.evaluation.cards.rouge import NAMES

COUNTED = ("calls", "write calls", "claims", "quotes", "statements")
"""Groups that the first table sums up; the others are facts and have a row each."""
WHOLE = ("cards", "unsupported", "writes right", "invented", "tokens", "ms", "ROUGE 1/2/L")
FACTS = ("needed", "in claims", "named", "in text", "in narrative", "other ways")
WAYS = ("claims", "named", "text", "narrative")
MANY = 12
"""Rows of a source beyond which its jobs are in the JSON alone."""
CAPTION = (
    "unsupported: claims and statements that the turns they cite do not bear out; writes right: "
    "changes told with their outcome; invented: actions that nobody made; tokens and ms: median/p95"
)
BRACKETS = "brackets: 95 % of resamples over conversations; named: in a claim whose name fits"


def card_tables(found: Mapping[Key, CardFigures]) -> Iterator[Table]:
    """Yield a table with a row per source and job, and one with a row per group of facts."""
    whole = Table(box=SIMPLE_HEAD, pad_edge=False, caption=CAPTION)
    _columns(whole, ("source", "job"), WHOLE)
    jobs = Counter(source for source, _ in found)
    for (source, job), figures in found.items():
        if job is not None and jobs[source] > MANY:
            continue
        place = (printable(source), "") if job is None else ("", printable(job) or "(none)")
        if job is None:
            whole.add_section()
        whole.add_row(*map(Text, (*place, *_whole(figures))), style="bold" if job is None else "")
    yield whole
    facts = Table(box=SIMPLE_HEAD, pad_edge=False, caption=BRACKETS)
    _columns(facts, ("source", "what"), FACTS)
    for (source, job), figures in found.items():
        for group, measure in figures.measures.items():
            if job is None and group not in COUNTED:
                facts.add_row(*map(Text, (printable(source), group, *_facts(measure))))
    if facts.row_count:
        yield facts


def _columns(table: Table, names: tuple[str, ...], figures: tuple[str, ...]) -> None:
    for name in names:
        table.add_column(name, overflow="fold")
    for name in figures:
        table.add_column(name, justify="right", overflow="fold")


def _whole(figures: CardFigures) -> tuple[str, ...]:
    none = Measure()
    claims, said = figures.measures.get("claims", none), figures.measures.get("statements", none)
    writes = figures.measures.get("write calls", none)
    grounded = claims.ways.get("grounded", 0) + said.ways.get("grounded", 0)
    needed = claims.needed + said.needed
    right = writes.ways.get("right outcome", 0)
    return (
        f"{figures.cards:,}",
        f"{needed - grounded:,} of {needed:,}",
        f"{right:,} of {writes.needed:,}" if writes.needed else NOTHING,
        f"{figures.counts.get('invented actions', 0):,}",
        _two(figures.tokens, 0),
        _two(figures.latency_ms, 1),
        "/".join(f"{figures.rouge[name]:.2f}" for name in NAMES) if figures.rouge else NOTHING,
    )


def _facts(measure: Measure) -> tuple[str, ...]:
    others = (f"{way} {_share(measure, way)}" for way in measure.ways if way not in WAYS)
    return (
        f"{measure.needed:,}",
        *(_share(measure, way) for way in WAYS),
        ", ".join(others) or NOTHING,
    )


def _share(measure: Measure, way: str) -> str:
    share, within = measure.share(way), measure.intervals.get(way)
    if share is None:
        return NOTHING
    if within is None or within[0] == within[1]:
        return f"{share:.3f}"
    return f"{share:.3f} [{within[0]:.2f} {within[1]:.2f}]"


def _two(spread: Spread, digits: int) -> str:
    return f"{spread.median:,.{digits}f}/{spread.p95:,.{digits}f}"
