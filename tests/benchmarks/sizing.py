"""`make sizing`: what a turn, an opening and a delivery cost, and whether that grows with the rows.

Services run in this process on real databases, without HTTP, which costs the same however much is
stored. A database with 1,000 conversations is measured in turn with one that grows, so that a
machine that is slow for a while is slow for both.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, create_engine, text

from handoff.domain.audit import Actor, ActorKind
from handoff.domain.ports import Transaction
from handoff.domain.turn import Turn
from handoff.services.deliver import deliver
from handoff.services.deps import Deps
from handoff.services.follow_up import follow_up
from handoff.services.observe import Observed, Told, observe
from handoff.store import SqlStore, open_store
from tests import fakes, postgres
from tests.benchmarks.bodies import turn
from tests.benchmarks.ingest import SAFE
from tests.benchmarks.stored import HANDED, PLAIN, SHARE, Span, put

TENANT = "default"
RUNTIME = Actor(ActorKind.RUNTIME, "bot")
SMALL = 1_000
LONG = 10
"""Turns of a conversation."""
ROUNDS, TURNS, LATE, OPENINGS = 7, 160, 32, 12
AT_ONCE = 16
GOLDEN = 0.618
"""Steps of so much of a whole come everywhere before they come to a place again."""
TICK = os.sysconf("SC_CLK_TCK")
SIZES = "1000,10000,100000"
KINDS = ("sqlite", "postgresql")
TOO_LONG_S = 900.0
"""Loading stops after so many seconds: what was reached is measured."""


@dataclass
class Side:
    """One database with its services, and how much is in it."""

    kind: str
    store: SqlStore
    deps: Deps
    server: int | None
    commits: list[int]
    admin: str
    """Where rows are put straight into it."""
    lived: int = 0
    """The sequence of the last entry and event of what is copied."""
    names: int = 0
    asked: int = 0
    stored: int = 0

    def put(self, work: Callable[[Connection], object]) -> None:
        """Do something beside the service: on PostgreSQL without a look at what rows belong to."""
        engine = create_engine(self.admin.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as connection:
            if self.server is not None:
                connection.execute(text("SET session_replication_role = replica"))
            work(connection)
        engine.dispose()


@dataclass
class Cost:
    """What some work took, for one of its kind."""

    seconds: float
    cpu: float
    database_cpu: float
    commits: float
    log_bytes: float


@dataclass
class Found:
    """The figures of one database at one size."""

    kind: str
    stored: int
    costs: dict[str, Cost]
    growth: dict[str, float] = field(default_factory=dict)
    bytes_each: dict[str, float] = field(default_factory=dict)
    """Of a conversation, by table with its indexes; in all on SQLite."""


def run(sizes: Sequence[int], kinds: Sequence[str] = KINDS) -> Iterator[Found]:
    """Yield the figures of each database, size after size."""
    most = sizes[-1]
    for kind in kinds:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            server = None
            if kind == "postgresql":
                server = stack.enter_context(postgres.running(**SAFE))
            small, large = (_side(kind, folder / name, server) for name in ("small", "large"))
            _fill(small, SMALL, most)
            began = time.monotonic()
            for size in sizes:
                if time.monotonic() - began > TOO_LONG_S:
                    break
                before, had = _bytes(large), large.stored
                _fill(large, size, most)
                after, put_now = _bytes(large), large.stored - had
                found = _measured(small, large)
                found.bytes_each = {n: (after[n] - before[n]) / put_now for n in after}
                yield found
            for side in (small, large):
                side.store.close()


def _side(kind: str, folder: Path, server: "postgres.Server | None") -> Side:
    folder.mkdir()
    commits = [0]

    def committed() -> None:
        commits[0] += 1

    url = admin = f"sqlite:///{folder}/handoff.db"
    if server is not None:
        name = server.create()
        url, admin = server.url(name), server.url(name, postgres.ADMIN)
    store = open_store(url, on_commit=committed)
    deps = fakes.deps(store, fakes.Clock(datetime.now(UTC)), webhook=fakes.Recorder())
    side = Side(kind, store, deps, server.process.pid if server else None, commits, admin)
    for at in (side.deps.clock() - timedelta(days=30 * n) for n in range(13)):
        while store.write_any(lambda work, at=at: work.ageing.make_ahead(at)):
            pass
    for number in range(LONG):
        _say(side, PLAIN, turn(number))
        _say(side, HANDED, turn(number))
    _open(side, HANDED)
    _deliver(side)
    side.lived = store.read(TENANT, lambda tx: max(tx.audit.head()[0], tx.events.latest()))
    return side


def _fill(side: Side, size: int, most: int) -> None:
    now = int(side.deps.clock().timestamp() * 1e6)
    while side.stored < size:
        last = min(size, side.stored + 20_000)
        span = Span(side.stored, last, most, now, side.lived)
        side.put(lambda connection, span=span: [*put(connection, span)])
        side.stored = last
    if side.kind == "postgresql":
        side.put(lambda connection: connection.execute(text("ANALYZE")))


def _measured(small: Side, large: Side) -> Found:
    kinds = {"turn": _turns, "late turn": _late, "opening": _openings, "delivery": _deliveries}
    runs: dict[str, list[tuple[Cost, Cost]]] = {name: [] for name in kinds}
    for number in range(ROUNDS + 1):
        for name, work in kinds.items():
            sides = (small, large) if number % 2 else (large, small)
            costs = {id(side): _cost(side, work) for side in sides}
            if number:  # what is loaded on first use is loaded now
                runs[name].append((costs[id(small)], costs[id(large)]))
    costs = {name: _middle([b for _, b in pairs]) for name, pairs in runs.items()}
    found = Found(large.kind, large.stored, costs)
    for name, pairs in runs.items():
        found.growth[name] = median(b.seconds / a.seconds for a, b in pairs)
        found.growth[f"{name} cpu"] = median(_cpu(b) / _cpu(a) for a, b in pairs)
    return found


def _cpu(cost: Cost) -> float:
    return cost.cpu + cost.database_cpu


def _middle(costs: list[Cost]) -> Cost:
    return Cost(
        *(
            median(getattr(cost, name) for cost in costs)
            for name in ("seconds", "cpu", "database_cpu", "commits", "log_bytes")
        )
    )


def _cost(side: Side, work: Callable[[Side], int]) -> Cost:
    before = _counters(side)
    count = work(side)
    return Cost(*((b - a) / count for a, b in zip(before, _counters(side), strict=True)))


def _counters(side: Side) -> tuple[float, float, float, float, float]:
    log = 0.0
    if side.kind == "postgresql":
        asked = text("SELECT pg_current_wal_insert_lsn() - '0/0'")
        log = float(
            side.store.read_any(
                lambda w: w.connection.execute(asked).scalar_one()  # type: ignore[attr-defined] # the real one has it
            )
        )
    cpu = _server_cpu(side.server)
    return time.perf_counter(), time.process_time(), cpu, float(side.commits[0]), log


def _server_cpu(server: int | None) -> float:
    """Return the CPU seconds of a database's processes."""
    if server is None:
        return 0.0
    told = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    total = 0
    for pid in told:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except FileNotFoundError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def _turns(side: Side) -> int:
    """Take turns of new conversations, sixteen at once."""
    for first in range(0, TURNS // LONG, AT_ONCE):
        names = [_name(side) for _ in range(first, min(first + AT_ONCE, TURNS // LONG))]
        for number in range(LONG):
            wait([_submitted(side, name, turn(number)) for name in names])
    return TURNS


def _late(side: Side) -> int:
    """Take turns of stored conversations, sixteen at once, whatever months they began in."""
    for _ in range(LATE // AT_ONCE):
        names = _stored(side, AT_ONCE)
        wait([_submitted(side, name, _named(side)) for name in names])
    return LATE


def _named(side: Side) -> dict[str, object]:
    return turn(LONG) | {"turn_id": _name(side)}


def _openings(side: Side) -> int:
    """Open escalations of ordinary conversations that are there, whatever month they began in."""
    for name in _stored(side, OPENINGS):
        _open(side, name)
    return OPENINGS


def _stored(side: Side, count: int) -> list[str]:
    """Return ordinary conversations from all over the year, each time others."""
    names: list[str] = []
    while len(names) < count:
        side.asked += 1
        number = side.asked * (int(side.stored * GOLDEN) | 1) % side.stored
        if number % SHARE:
            names.append(f"{PLAIN}-{number}")
    return names


def _deliveries(side: Side) -> int:
    return _deliver(side)


def _name(side: Side) -> str:
    side.names += 1
    return f"new-{side.names}"


def _submitted(side: Side, conversation: str, body: dict[str, object]) -> "object":
    taken = Turn.model_validate(body)

    def work(tx: Transaction) -> Observed:
        at = side.deps.clock()
        return observe(tx, side.deps, conversation, taken, Told(), by=RUNTIME, at=at)

    return side.store.submit(TENANT, work, (conversation, taken.turn_id))


def _say(side: Side, conversation: str, body: dict[str, object]) -> None:
    observed = _submitted(side, conversation, body).result()  # type: ignore[attr-defined] # a future
    follow_up(side.deps, TENANT, conversation, observed)


def _open(side: Side, conversation: str) -> None:
    side.names += 1
    text_ = "I want to talk to a human, please."
    _say(side, conversation, {"turn_id": f"ask{side.names}", "role": "customer", "text": text_})


def _deliver(side: Side) -> int:
    done = 0
    token = iter(range(10**9))
    while claimed := side.store.write_any(
        lambda work: work.claim_deliveries(
            side.deps.clock(), 16, lambda: f"{side.names}-{next(token)}"
        )
    ):
        for one in claimed:
            deliver(side.deps, one)
        done += len(claimed)
    return max(done, 1)


def _bytes(side: Side) -> dict[str, int]:
    """Return the bytes of each table, its partitions and indexes counted with it."""
    if side.kind == "sqlite":
        sized = "SELECT 'all', page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    else:
        sized = (
            "SELECT coalesce(p.relname, c.relname), sum(pg_total_relation_size(c.oid))"
            " FROM pg_class c LEFT JOIN pg_inherits ON inhrelid = c.oid LEFT JOIN pg_class p"
            " ON p.oid = inhparent WHERE c.relkind = 'r'"
            " AND c.relnamespace = 'public'::regnamespace GROUP BY 1"
        )
    rows = side.store.read_any(
        lambda w: w.connection.execute(text(sized)).all()  # type: ignore[attr-defined] # the real one has it
    )
    return {str(name): int(size) for name, size in rows}


def _row(found: Found, name: str) -> list[str]:
    cost = found.costs[name]
    return [
        found.kind,
        f"{found.stored:,}",
        name,
        f"{cost.seconds * 1e3:.2f}",
        f"{cost.cpu * 1e3:.2f}",
        f"{cost.database_cpu * 1e3:.2f}",
        f"{cost.commits:.2f}",
        f"{cost.log_bytes:,.0f}",
        f"{found.growth[name]:.2f}",
        f"{found.growth[f'{name} cpu']:.2f}",
    ]


HEAD = "database,stored,of a,ms,CPU ms,database's CPU ms,commits,log bytes,time ×,CPU ×"


def main() -> None:
    """Print a row per database, size and work.

    `--sizes 10000,1000000` says how many conversations, `--only sqlite` takes one database,
    `--json` prints JSON.
    """
    told_sizes = sys.argv[sys.argv.index("--sizes") + 1] if "--sizes" in sys.argv else SIZES
    sizes = [int(size) for size in told_sizes.split(",")]
    only = (sys.argv[sys.argv.index("--only") + 1],) if "--only" in sys.argv else KINDS
    table = Table(*HEAD.split(","), title="make sizing")
    told: list[dict[str, object]] = []
    with Console(stderr=True).status("loading and measuring …"):
        for found in run(sizes, only):
            rows = [_row(found, name) for name in found.costs]
            told.append({"rows": rows, "bytes a conversation": found.bytes_each})
            for row in rows:
                table.add_row(*row)
            bytes_ = sorted(found.bytes_each.items(), key=lambda one: -one[1])
            shown = ", ".join(f"{name} {size:,.0f}" for name, size in bytes_ if size >= 1)
            print(f"{found.kind} {found.stored:,}: bytes a conversation: {shown}", file=sys.stderr)
            print(*rows, sep="\n", file=sys.stderr, flush=True)
    if "--json" in sys.argv:
        print(json.dumps(told, indent=1))
    else:
        Console(width=140).print(table)


if __name__ == "__main__":
    main()
