"""What `handoff doctor` sees of the database: whether it keeps what it is given, and whose time."""

from handoff.bootstrap import Settings, clocks_apart, describe_store
from handoff.cli.filesystems import afar
from handoff.domain.errors import HandoffError, Invalid
from handoff.domain.skew import Skew

WANTED: dict[str, dict[str, tuple[str, ...]]] = {
    "sqlite": {"journal_mode": ("wal",), "synchronous": ("full",), "foreign_keys": ("on",)},
    "postgresql": {
        "fsync": ("on",),
        "synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
        "full_page_writes": ("on",),
        "row_security": ("on",),
    },
}
"""What must be in force for an acknowledged turn to be on disk, and its tenant's alone."""
REMEDIES = {
    "journal_mode": "put the file on a local disk that may be written to",
    "synchronous": "use the SQLite that Python brings",
    "foreign_keys": "use the SQLite that Python brings",
    "fsync": "set it to on in postgresql.conf, or a power cut loses acknowledged turns",
    "synchronous_commit": "set it to on, or a crash loses acknowledged turns",
    "full_page_writes": "set it to on in postgresql.conf, or a power cut tears pages",
    "row_security": "connect as a role that is no superuser and has no BYPASSRLS, or the second"
    " wall between tenants is open",
}
OLDEST_POSTGRESQL = 13
MOST_APART_S = 5.0


def look_at_database(settings: Settings) -> str:
    """Return what is in force; raise Invalid with a sentence for each thing that is wrong."""
    _on_this_machine(settings)
    if settings.fresh:
        return "not there yet: the first start makes it"
    found = _described(settings)
    lacking = [*_undurable(found), *_old(found), *_crowded(found)]
    if lacking:
        raise Invalid("; ".join(lacking))
    return ", ".join(f"{name} {value}" for name, value in found.items())


def look_at_clocks(settings: Settings) -> str:
    """Return how far the clocks are apart; raise Invalid where that is seconds."""
    try:
        apart = clocks_apart(settings)
    except HandoffError:  # told by the look at the database itself
        return "not known: the database does not answer"
    late = [_late(name, one) for name, one in apart.items() if _seconds(one) > MOST_APART_S]
    if late:
        raise Invalid("; ".join(late))
    told = [f"{name} is within {_most(one):.3f} s of this machine" for name, one in apart.items()]
    return ", ".join(told) or "this machine's is the only one"


def _on_this_machine(settings: Settings) -> None:
    kind = afar(settings.file) if settings.file else ""
    if kind:
        raise Invalid(
            f"{settings.file} lies on a network file system ({kind}), whose locks and syncs may"
            " lie: acknowledged turns get lost and the file damaged. Put it on a local disk"
            " (HANDOFF_DATA_DIR, HANDOFF_DATABASE_URL), or use PostgreSQL"
        )


def _described(settings: Settings) -> dict[str, str]:
    try:
        return describe_store(settings)
    except Invalid as error:
        raise Invalid(f"HANDOFF_DATABASE_URL: {error.message}") from None


def _undurable(found: dict[str, str]) -> list[str]:
    wanted = next(wanted for database, wanted in WANTED.items() if database in found)
    return [
        f"{name} is {found[name]}: {REMEDIES[name]}"
        for name, values in wanted.items()
        if found[name] not in values
    ]


def _old(found: dict[str, str]) -> list[str]:
    """Return what is wrong with its version, and with its tables'."""
    lacking = []
    version = found.get("postgresql", "")
    if version and int(version.partition(".")[0]) < OLDEST_POSTGRESQL:
        lacking.append(f"PostgreSQL is {version}: update it to {OLDEST_POSTGRESQL} at least")
    there, newest = found["revision"], found["newest_revision"]
    if there == "none":
        lacking.append("it has no tables yet: run `handoff migrate up`, or start the service")
    elif there < newest:
        lacking.append(f"its tables are at {there}, not {newest}: run `handoff migrate up`")
    elif there > newest:
        lacking.append(f"its tables are at {there}, a later version's: update this program")
    return lacking


def _crowded(found: dict[str, str]) -> list[str]:
    """Return whether all processes that run could be refused connections under load."""
    if "connections" not in found:
        return []
    room, each = int(found["connections"]), int(found["connections_of_one"])
    running = max(int(found["processes"]), 1)
    lacking = running * each - room
    if lacking <= 0:
        return []
    who = "a service or worker" if running == 1 else f"the {running} services and workers that run"
    return [
        f"{who} may open {running * each} connections, {each} each, and PostgreSQL lets {room} in:"
        f" raise max_connections by {lacking} at least, and the limits of the role and the"
        " database where they have one"
    ]


def _seconds(one: Skew) -> float:
    return one.sure.total_seconds()


def _most(one: Skew) -> float:
    return (abs(one.seen) + one.doubt).total_seconds()


def _late(name: str, one: Skew) -> str:
    seconds = one.seen.total_seconds()
    which = "ahead of" if seconds > 0 else "behind"
    return (
        f"the clock of {name} is {abs(seconds):.1f} s {which} this machine's: set both by NTP, or"
        " logs do not fit together and certificates seem expired"
    )
