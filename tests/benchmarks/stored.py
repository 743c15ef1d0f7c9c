"""Rows of many conversations put straight into a database, copied from two that were lived.

One is an ordinary chat, the other was handed over and is closed; one of seven is like the second.
They began over the last twelve months. What says who was first (hashes of the chain) is not
computed anew: nothing here verifies it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table, text

from handoff.store.side_tables import audit_entries, events
from handoff.store.tables import cards, conversations, deliveries, escalations, turns

PLAIN, HANDED = "plain", "handed"
SHARE = 7
"""One conversation of so many was handed over."""
YEAR_US = 360 * 86_400 * 1_000_000
TABLES = (conversations, turns, escalations, cards, deliveries, audit_entries, events)
AT_ONCE = 20_000
FIRST = 1_000_000
"""Sequences from which those of copies begin: what is measured stays below."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which conversations are put: their numbers, and how many there will be in all."""

    first: int
    last: int
    most: int
    now: int
    """Microseconds since 1970: the newest began then."""
    lived: int
    """Entries and events up to this sequence are copied."""


def put(connection: Connection, span: Span) -> Iterator[int]:
    """Put them, some at a time; yield how many there are after each."""
    for first in range(span.first, span.last, AT_ONCE):
        last = min(first + AT_ONCE, span.last)
        for table in TABLES:
            connection.execute(text(_copying(connection, table, span)), {"a": first, "b": last - 1})
        yield last


def _copying(connection: Connection, table: Table, span: Span) -> str:
    ours = connection.dialect.name == "postgresql"
    numbers = (
        "SELECT generate_series(CAST(:a AS bigint), CAST(:b AS bigint)) AS n"
        if ours
        else "WITH RECURSIVE s(n) AS (SELECT :a UNION ALL SELECT n + 1 FROM s WHERE n < :b)"
        " SELECT n FROM s"
    )
    began = f"({span.now} - CAST(({span.most} - n) AS bigint) * {YEAR_US // span.most})"
    month = (
        f"CAST(to_char(to_timestamp({began} / 1000000) AT TIME ZONE 'UTC', 'YYYYMM') AS integer)"
        if ours
        else f"CAST(strftime('%Y%m', {began} / 1000000, 'unixepoch') AS integer)"
    )
    kind = f"CASE WHEN n % {SHARE} = 0 THEN '{HANDED}' ELSE '{PLAIN}' END"
    new = {
        "conversation_id": "t.conversation_id || '-' || n",
        "escalation_id": "t.escalation_id || '-' || n",
        "delivery_id": "t.delivery_id || '-' || n",
        "last_escalation": "t.last_escalation || '-' || n",
        "open_escalation": "NULL",
        "subject": "t.subject || '-' || n",
        "customer_key": "'customer-' || n",
        "sequence": f"{FIRST} + n * 100 + t.sequence",
        "started_at": began,
        "opened_at": began,
        "created_at": began,
        "month": month,
    }
    if table is escalations:
        new |= {"state": "'closed'", "due_at": "NULL", "closed_at": began}
    if table is deliveries:
        new |= {"state": "'confirmed'", "lease_until": "NULL", "attempt_token": "NULL"}
    names = [c.name for c in table.c if not (table is turns and c.name == "arrival")]
    values = ", ".join(new.get(name, f't."{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    return (
        f"INSERT INTO {table.name} ({listed}) SELECT {values} FROM ({numbers}) AS s"
        f" JOIN {table.name} t ON {_template(table, span)} = {kind}"
    )


def _template(table: Table, span: Span) -> str:
    """Return what tells a template's rows, and which of the two it is."""
    if "conversation_id" in table.c and table is not audit_entries:
        return f"t.conversation_id IN ('{PLAIN}', '{HANDED}') AND t.conversation_id"
    if table in (audit_entries, events):
        return f"t.sequence <= {span.lived} AND '{HANDED}'"
    return f"t.escalation_id = 'esc_0001' AND '{HANDED}'"
