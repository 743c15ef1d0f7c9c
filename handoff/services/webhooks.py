"""Register webhooks, change them, give them new secrets, let them go: each step is audited."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import JsonValue

from handoff.domain.account import Account
from handoff.domain.audit import Actor, AuditEntry, timestamp
from handoff.domain.errors import Conflict, ConnectorError, Invalid, NotFound
from handoff.domain.ports import Transaction
from handoff.domain.webhooks import MOST, StoredWebhook
from handoff.services.deps import Deps
from handoff.services.once import Answer
from handoff.services.route import queues
from handoff.services.views import View

if TYPE_CHECKING:
    from handoff.domain.secret_box import SecretBox


def judge(deps: Deps, tenant: str, url: str) -> None:
    """Raise Invalid where the service must not call a URL, or its name leads nowhere.

    Asks name servers: never in a write, which others wait for. Raises Overloaded while many do.
    """
    try:
        with deps.outside.waiting(tenant):
            deps.webhooks.judge(url)
    except ConnectorError as error:
        raise Invalid(f"url: {error.message}") from None


def known_queues(deps: Deps, tenant: str, named: Iterable[str]) -> None:
    """Raise Invalid where the policy has no such queue."""
    there = queues(deps, tenant)
    unknown = sorted(set(named).difference(there))
    if unknown:
        raise Invalid(f"queues: no queue {', '.join(unknown)}; there are: {', '.join(there)}")


def found(tx: Transaction, webhook_id: str) -> StoredWebhook:
    """Return a registered webhook; raise NotFound."""
    webhook = tx.webhooks.get(webhook_id)
    if webhook is None:
        raise NotFound(f"no registered webhook {webhook_id}")
    return webhook


def register(tx: Transaction, webhook: StoredWebhook, *, by: Actor, at: datetime) -> StoredWebhook:
    """Return the webhook as it is kept; one of this id is there once.

    Raises Conflict at MOST, and where the one of this id is another by now.
    """
    known = tx.webhooks.get(webhook.webhook_id)
    if known is not None:
        if _asked_for(known) != _asked_for(webhook):
            raise Conflict("this Idempotency-Key registered another webhook: take a new one")
        return known
    if tx.webhooks.count() >= MOST:
        raise Conflict(f"there are {MOST} webhooks already: delete one first")
    tx.webhooks.add(webhook)
    _audit(tx, "webhook_registered", webhook, {}, by, at)
    return webhook


def change(
    tx: Transaction, webhook_id: str, told: dict[str, object], *, by: Actor, at: datetime
) -> StoredWebhook:
    """Return the webhook with the fields that were told; raise NotFound."""
    before = found(tx, webhook_id)
    webhook = replace(before, **told)  # type: ignore[arg-type] # the API's fields, checked there
    if webhook != before:
        tx.webhooks.save(webhook)
        _ask_again(tx, webhook)
        changed = [name for name in sorted(told) if getattr(before, name) != told[name]]
        _audit(tx, "webhook_changed", webhook, {"changed": [*changed]}, by, at)
    return webhook


def rotate(
    tx: Transaction,
    box: "SecretBox",
    webhook_id: str,
    overlap: timedelta,
    *,
    by: Actor,
    at: datetime,
) -> StoredWebhook:
    """Return the webhook with a new secret; the one before signs too for `overlap`.

    Where its key is lost it cannot, and the new one begins alone. Raises NotFound.
    """
    before = found(tx, webhook_id)
    both = overlap if box.opens(before.secret) else timedelta(0)
    webhook = before.rotated(box.new(), both, at)
    tx.webhooks.save(webhook)
    _ask_again(tx, webhook)
    _audit(tx, "webhook_rotated", webhook, {"keep_old_s": both.total_seconds()}, by, at)
    return webhook


def remove(tx: Transaction, webhook_id: str, *, by: Actor, at: datetime) -> StoredWebhook:
    """Let a webhook go and return it; what is still to be delivered to it will be refused."""
    webhook = found(tx, webhook_id)
    tx.webhooks.remove(webhook_id)
    _audit(tx, "webhook_deleted", webhook, {}, by, at)
    return webhook


def webhook_view(deps: Deps, webhook: StoredWebhook, at: datetime) -> View:
    """Return a webhook as its owner sees it, without its secret."""
    name = webhook.webhook_id
    until = webhook.before_until if webhook.before(at) else None
    return {
        "webhook_id": name,
        "url": webhook.url,
        "description": webhook.description,
        "queues": [*webhook.queues],
        "callback_url": f"{deps.base_url}/v1/callbacks/{name}/{name}",
        "rotated_at": timestamp(webhook.rotated_at),
        "old_secret_until": None if until is None else timestamp(until),
        "created_at": timestamp(webhook.created_at),
        "created_by": webhook.created_by,
    }


def with_secret(deps: Deps, tenant: str, answer: Answer, made: Sequence[StoredWebhook]) -> View:
    """Return the view of a webhook with the secret that was `made` last, on this request.

    Answers are kept for repeats without it: a repeat is told it anew, None if it was rotated since.
    """
    told: View = answer.body if isinstance(answer.body, dict) else {}
    webhook: StoredWebhook | None = made[-1] if made else None
    if answer.replayed:
        name = str(told["webhook_id"])
        webhook = deps.store.read(tenant, lambda tx: tx.webhooks.get(name))
    same = webhook is not None and timestamp(webhook.rotated_at) == told["rotated_at"]
    return {**told, "secret": deps.webhooks.box.open(webhook.secret) if same and webhook else None}


def _asked_for(webhook: StoredWebhook) -> tuple[object, ...]:
    return webhook.url, webhook.description, webhook.queues


def _ask_again(tx: Transaction, webhook: StoredWebhook) -> None:
    """Let its account rest no more: somebody has looked, and what it refused was put right."""
    tx.accounts.save(Account(tx.tenant, webhook.webhook_id))


def _audit(
    tx: Transaction,
    action: str,
    webhook: StoredWebhook,
    details: dict[str, JsonValue],
    by: Actor,
    at: datetime,
) -> None:
    """Write an entry; of the URL only the host, for its path may hold a token."""
    tx.audit.append(
        AuditEntry(
            tenant=tx.tenant,
            at=at,
            actor=by,
            action=action,
            subject=webhook.webhook_id,
            details={
                "host": urlsplit(webhook.url).hostname,
                "queues": [*webhook.queues],
                **details,
            },
        )
    )
