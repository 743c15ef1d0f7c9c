"""Send a webhook's receiver a marked test, and tell what came of it."""

from datetime import datetime

from handoff.domain.audit import Actor, AuditEntry
from handoff.domain.connector import Triable
from handoff.domain.errors import ConnectorError, NotFound
from handoff.domain.ports import Transaction
from handoff.services.deps import Deps
from handoff.services.views import View


def try_out(deps: Deps, tenant: str, name: str, message_id: str) -> View:
    """Return how the receiver answered; raise NotFound where the tenant has no such webhook.

    It goes out at once and is no delivery: nothing repeats it, and an account rests no longer and
    no shorter for it. Raises Overloaded while too many wait for receivers.
    """
    connector = deps.connector(tenant, name)
    if not isinstance(connector, Triable):
        raise NotFound(f"no webhook {name}")
    told: View = {"webhook": name, "message_id": message_id}
    try:
        with deps.outside.waiting(tenant):
            connector.try_out(message_id, deps.clock())
    except ConnectorError as error:
        outcome = "unknown" if error.unknown else "refused"
        return {**told, "outcome": outcome, "error": error.message}
    return {**told, "outcome": "confirmed", "error": None}


def record(tx: Transaction, told: View, *, by: Actor, at: datetime) -> None:
    """Write into the audit trail that somebody tried a webhook out, and what came of it."""
    tx.audit.append(
        AuditEntry(
            tenant=tx.tenant,
            at=at,
            actor=by,
            action="webhook_tested",
            subject=str(told["webhook"]),
            details={name: told[name] for name in ("message_id", "outcome", "error")},
        )
    )
