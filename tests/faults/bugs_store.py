"""Planted bugs of the store: commits, the outbox, the trail, the feed, leases, tenants."""

import sqlite3
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, select, text

from handoff.domain import audit as chains
from handoff.services.moving import DESK
from handoff.store import access, audit, claims, database, deliveries, events, idempotency
from handoff.store import clock as clocks
from handoff.store import escalations as stored
from handoff.store.prepared import Prepared
from handoff.store.running import Ended
from handoff.store.writer import Writer
from tests.faults.sabotage import around, bug, reset


@bug("I-6")
def outbox_insert_dropped() -> None:
    """Forget the outbox row of the webhook."""
    around(
        deliveries.SqlDeliveries,
        "add",
        lambda add, self, one: add(self, one) if one.connector == DESK else None,
    )


@bug("I-1", "kill claim before_commit")
def answered_before_commit() -> None:
    """Answer as soon as the statements ran."""

    def tell(told: Any, self: Ended) -> None:
        if not self.command.future.done():
            told(self)

    def early(run_all: Any, self: Writer, connection: Any, batch: Any, run: Any) -> Any:
        def telling(*args: Any) -> list[Ended]:
            ended = run(*args)
            for one in ended:
                one.tell()
            time.sleep(0.1)
            return list(ended)

        return run_all(self, connection, batch, telling)

    around(Ended, "tell", tell)
    around(Writer, "_run_all", early)


@bug("I-10", "frozen")
def token_not_checked() -> None:
    """Let whoever comes last settle a delivery."""
    deliveries.SqlDeliveries.settle = lambda self, one, _token: deliveries.rewrite(
        self._connection, reset(one, tenant=self._tenant)
    )


@bug("I-10", "frozen")
def late_result_applied() -> None:
    """Take a late result for one that counts."""

    def settle(before: Any, self: Any, one: Any, token: str) -> bool:
        before(self, one, token)
        return True

    around(deliveries.SqlDeliveries, "settle", settle)


@bug("I-2")
def body_not_compared() -> None:
    """Give the stored answer to whatever comes under its key."""

    class Equal(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __ne__(self, _: object) -> bool:
            return False

    def get(before: Any, *args: Any) -> Any:
        found = before(*args)
        return found and reset(found, fingerprint=Equal(found.fingerprint))

    around(idempotency.SqlIdempotency, "get", get)


@bug("I-2", "kill note after_commit")
def answer_kept_apart() -> None:
    """Keep the answer for repeats in a transaction of its own, a little later."""
    stores: list[Any] = []

    def init(before: Any, self: Any, *args: Any) -> None:
        before(self, *args)
        stores.append(self)

    def put(before: Any, self: Any, *args: Any) -> None:
        def later() -> None:
            stores[-1].write(self._tenant, lambda tx: before(tx.idempotency, *args))

        threading.Timer(0.2, later).start()

    around(database.SqlStore, "__init__", init)
    around(idempotency.SqlIdempotency, "put", put)


@bug("I-17")
def tenant_filter_forgotten() -> None:
    """List everybody's escalations."""
    stored.SqlEscalations._all = lambda _: select(*stored.SHAPE.columns)


@bug("I-21")
def feed_skips_a_number() -> None:
    """Number the feed by twos now and then."""
    calls = iter(range(10**9))

    def publish(before: Any, connection: Any, tenant: str, told: Any) -> None:
        before(connection, tenant, told)
        if next(calls) == 12:
            events._NEXT.run(connection, {"this_tenant": tenant, "more": 1})

    around(events, "_publish", publish)


@bug("I-21")
def event_lost() -> None:
    """Say nothing of what was closed."""

    def publish(before: Any, self: Any, kind: str, subject: str, data: Any, at: Any) -> None:
        if data.get("state") != "closed":
            before(self, kind, subject, data, at)

    around(events.SqlEvents, "publish", publish)


@bug("I-19", "skewed", "postgresql")
def own_clock() -> None:
    """Trust the clock of the machine."""
    clocks.DatabaseClock.__call__ = lambda _: datetime.now(UTC) + timedelta(hours=1)


@bug("I-16")
def audit_entry_dropped() -> None:
    """Forget to tell of what was released."""

    def append(before: Any, self: Any, entry: Any) -> None:
        if entry.action != "release":
            before(self, entry)

    around(audit.SqlAuditTrail, "append", append)


@bug("I-16")
def delivery_not_audited() -> None:
    """Forget to tell of what was delivered."""

    def append(before: Any, self: Any, entry: Any) -> None:
        if entry.action != "delivered":
            before(self, entry)

    around(audit.SqlAuditTrail, "append", append)


@bug("I-16")
def audit_entry_told_twice() -> None:
    """Tell of a claim twice."""

    def append(before: Any, self: Any, entry: Any) -> None:
        before(self, entry)
        if entry.action == "claim":
            before(self, entry)

    around(audit.SqlAuditTrail, "append", append)


@bug("I-16")
def audit_entry_rewritten() -> None:
    """Change an old entry."""

    def append(before: Any, connection: Any, tenant: str, entries: Any) -> None:
        before(connection, tenant, entries)
        if any(entry.action == "dispose" for entry in entries):
            told = "UPDATE audit_entries SET actor_name = 'nobody' WHERE action = 'release'"
            connection.execute(text(told))

    around(audit, "_append", append)


@bug("I-16")
def audit_trail_rewritten() -> None:
    """Change an old entry and every hash after it, so that the chain verifies."""

    def append(before: Any, connection: Any, tenant: str, entries: Any) -> None:
        before(connection, tenant, entries)
        if all(entry.action != "cancel" for entry in entries):
            return
        previous = chains.GENESIS
        of = audit.table.c.tenant == tenant
        rows = connection.execute(select(audit.table).where(of).order_by(audit.table.c.sequence))
        for row in rows.all():
            old = audit._entry(row)
            actor = chains.Actor(old.entry.actor.kind, "nobody")
            changed = reset(old.entry, actor=actor) if old.entry.action == "claim" else old.entry
            new = chains.chain(previous, old.sequence, changed)
            connection.execute(
                audit.table.update()
                .where(of, audit.table.c.sequence == old.sequence)
                .values(audit._row(new))
            )
            previous = new.entry_hash
        connection.execute(audit.heads.update().values(entry_hash=previous))

    around(audit, "_append", append)


@bug("I-16")
def audit_number_skipped() -> None:
    """Leave a number out."""

    def append(before: Any, connection: Any, tenant: str, entries: Any) -> None:
        before(connection, tenant, entries)
        if any(entry.action == "dispose" for entry in entries):
            connection.execute(audit.heads.update().values(sequence=audit.heads.c.sequence + 1))

    around(audit, "_append", append)


@bug("I-1", "kill claim after_commit")
def turn_lost_at_restart() -> None:
    """Forget the newest turn whenever the service starts."""

    def opened(before: Any, url: str, **more: Any) -> Any:
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file, file:
            file.execute("DELETE FROM turns WHERE arrival = (SELECT max(arrival) FROM turns)")
        return before(url, **more)

    around(__import__("handoff.bootstrap").bootstrap, "open_store", opened)


@bug("I-6")
def delivery_doubled() -> None:
    """Write the outbox row of an opening twice."""

    def add(before: Any, self: Any, one: Any) -> None:
        before(self, one)
        if one.event == "opened" and one.connector != DESK:
            twin = reset(one, delivery_id=f"{one.delivery_id}b", card_version=one.card_version + 1)
            before(self, twin)

    around(deliveries.SqlDeliveries, "add", add)


@bug("I-2")
def callbacks_not_remembered() -> None:
    """Do what a callback says as often as it comes."""
    access.SqlAccess.first_time = lambda *_: True


@bug("I-12")
def closing_overtakes() -> None:
    """Send an escalation's events in any order."""
    _claims_anew(claims._claimable())


@bug("I-22", "kill deliver before_deliver")
def lapsed_lease_ignored() -> None:
    """Never take up what a dead process was sending."""
    idle = claims.not_(claims.sending(claims.table))
    condition = claims.and_(
        claims.unsettled(claims.table),
        claims.table.c.clock == bindparam("clock"),
        claims.table.c.due_at <= bindparam("at"),
        idle,
    )
    claims._ANY = Prepared(
        select(claims.table.c.delivery_id).where(condition).limit(claims._ONE).offset(claims._NONE)
    )
    _claims_anew(claims.and_(condition, claims.free()))


@bug("I-10", "slow")
def lease_not_taken() -> None:
    """Claim without a lease."""

    def leased(before: Any, self: Any, found: Any) -> Any:
        kept, self._lease = self._lease, timedelta(0)
        try:
            return before(self, found)
        finally:
            self._lease = kept

    around(claims.Claims, "_leased", leased)


def _claims_anew(condition: Any) -> None:
    table = claims.table
    claims._DUE_OF = Prepared(
        select(*claims.SHAPE.columns)
        .where(
            condition,
            table.c.tenant == bindparam("tenant"),
            table.c.connector == bindparam("connector"),
        )
        .order_by(*claims.ORDER)
        .limit(bindparam("most", type_=Integer))
        .offset(claims._NONE)
    )
