"""Tell who may speak to the customer, and pass the floor where no escalation decides it."""

from datetime import datetime

from handoff.domain.audit import Actor
from handoff.domain.control import Controller
from handoff.domain.conversation import Head
from handoff.domain.errors import Conflict, NotFound, StaleVersion
from handoff.domain.ports import Transaction
from handoff.services.moving import set_control


def floor(tx: Transaction, conversation_id: str) -> Head:
    """Return the head that holds the floor; raise NotFound."""
    head = tx.conversations.head(conversation_id)
    if head is None:
        raise NotFound(f"no conversation {conversation_id}")
    return head


def pass_floor(
    tx: Transaction,
    conversation_id: str,
    holder: Controller,
    name: str | None,
    epoch: int | None,
    *,
    by: Actor,
    at: datetime,
) -> Head:
    """Return the head after the floor was passed to `holder`.

    Raises StaleVersion where `epoch` is not the present one, Conflict where the bot is to get the
    floor while an escalation is open: hand that back or cancel it instead.
    """
    head = floor(tx, conversation_id)
    if epoch is not None and epoch != head.control.epoch:
        raise StaleVersion(f"the epoch is {head.control.epoch} by now")
    if holder is Controller.BOT and head.open_escalation is not None:
        raise Conflict(
            f"escalation {head.open_escalation} is open: hand it back or cancel it instead"
        )
    after = set_control(tx, head, head.control.passed(holder, name), by=by, at=at)
    told = {"holder": after.control.holder.value, "epoch": after.control.epoch}
    tx.events.publish("conversation", conversation_id, {**told}, at)
    return after
