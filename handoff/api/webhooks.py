"""Webhooks: register them, give them new secrets, and try out whether a receiver takes ours."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, Field, HttpUrl
from starlette.responses import Response

from handoff.api.asking import Asking, Guarded
from handoff.api.changing import Change, Changing, Work, json_answer
from handoff.api.fields import Body, Name, masked
from handoff.api.paging import Paged
from handoff.domain.ports import Transaction
from handoff.domain.webhooks import OVERLAP, PREFIX, StoredWebhook
from handoff.services import webhooks
from handoff.services.once import Answer
from handoff.services.try_out import record, try_out
from handoff.services.webhooks import webhook_view, with_secret

LONGEST_URL = 2_000
LONGEST_OVERLAP = timedelta(days=30)

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=Guarded)

WebhookId = Annotated[str, Path(min_length=1, max_length=100)]
Url = Annotated[HttpUrl, Field(max_length=LONGEST_URL, description="the receiver's, https")]
Description = Annotated[str, Field(max_length=200), masked(200)]
Queues = Annotated[
    tuple[Name, ...],
    Field(max_length=100, description="what it hears; empty: escalations of every queue"),
    AfterValidator(lambda named: tuple(dict.fromkeys(named))),
]


class NewWebhook(Body):
    """A webhook to register."""

    url: Url
    description: Description = ""
    queues: Queues = ()


class ChangedWebhook(Body):
    """What is to be changed; what is absent stays."""

    url: Url | None = None
    description: Description | None = None
    queues: Queues | None = None


class Rotation(Body):
    """How long the old secret goes on to sign beside the new one; 0 where it has leaked."""

    keep_old_s: float = Field(
        default=OVERLAP.total_seconds(), ge=0, le=LONGEST_OVERLAP.total_seconds()
    )


@router.get("", summary="The registered webhooks, without their secrets")
def registered(asked: Asking, where: Annotated[Paged, Query()]) -> Response:
    """Return a page, the one registered last first."""
    found = asked.read(lambda tx: tx.webhooks.list(where.page()))
    at = asked.deps.clock()
    items = [webhook_view(asked.deps, webhook, at) for webhook in found.items]
    return json_answer({"items": [*items], "cursor": found.cursor})


@router.post("", summary="Register a webhook; its secret is made and shown here")
def register(change: Changing, body: NewWebhook) -> Response:
    """Return the webhook with its secret (201), which nothing but a rotation shows again."""
    deps, url = change.deps, str(body.url)
    _judge(change, url, body.queues)
    made: list[StoredWebhook] = []
    webhook_id, secret = change.own_id(PREFIX.removesuffix("_")), deps.webhooks.box.new()

    def work(tx: Transaction, at: datetime) -> Answer:
        new = StoredWebhook(
            webhook_id=webhook_id,
            url=url,
            description=body.description,
            queues=body.queues,
            secret=secret,
            secret_before=None,
            before_until=None,
            rotated_at=at,
            created_at=at,
            created_by=change.by.name,
        )
        made.append(webhooks.register(tx, new, by=change.by, at=at))
        return Answer(201, webhook_view(deps, made[-1], at))

    return _changed(change, body, work, made)


@router.get("/{webhook_id}", summary="A registered webhook, without its secret")
def one(asked: Asking, webhook_id: WebhookId) -> Response:
    """Return it."""
    webhook = asked.read(lambda tx: webhooks.found(tx, webhook_id))
    return json_answer(webhook_view(asked.deps, webhook, asked.deps.clock()))


@router.patch("/{webhook_id}", summary="Change where a webhook goes and what it hears")
def change_it(change: Changing, webhook_id: WebhookId, body: ChangedWebhook) -> Response:
    """Return the webhook as it is from then on; what is due goes to the new URL too."""
    deps = change.deps
    told: dict[str, object] = body.model_dump(exclude_none=True)
    if body.url is not None:
        told["url"] = str(body.url)
    _judge(change, None if body.url is None else str(body.url), body.queues or ())

    def work(tx: Transaction, at: datetime) -> Answer:
        changed = webhooks.change(tx, webhook_id, told, by=change.by, at=at)
        return Answer(200, webhook_view(deps, changed, at))

    return _changed(change, body, work)


@router.delete("/{webhook_id}", summary="Let a webhook go")
def delete(change: Changing, webhook_id: WebhookId) -> Response:
    """Return what it was; deliveries to it that are still due will be refused."""

    def work(tx: Transaction, at: datetime) -> Answer:
        gone = webhooks.remove(tx, webhook_id, by=change.by, at=at)
        return Answer(200, webhook_view(change.deps, gone, at))

    return _changed(change, None, work)


@router.post("/{webhook_id}/rotate", summary="Give a webhook a new secret, shown here")
def rotate(change: Changing, webhook_id: WebhookId, body: Rotation | None = None) -> Response:
    """Return the webhook with its new secret; the old one signs beside it, a day or as asked."""
    told, deps = body or Rotation(), change.deps
    overlap = timedelta(seconds=told.keep_old_s)
    made: list[StoredWebhook] = []

    def work(tx: Transaction, at: datetime) -> Answer:
        box = deps.webhooks.box
        made.append(webhooks.rotate(tx, box, webhook_id, overlap, by=change.by, at=at))
        return Answer(200, webhook_view(deps, made[-1], at))

    return _changed(change, told, work, made)


@router.post("/{name}/test", summary="Send its receiver a signed `webhook.test`")
def send_test(
    change: Changing, name: Annotated[str, Path(min_length=1, max_length=100)]
) -> Response:
    """Return what came of it: confirmed, refused or unknown, and why.

    A repeat with the same key goes out under the same `webhook-id`, so that the receiver can tell,
    and is answered as the first.
    """
    # Not in the transaction: a receiver may take its time, and the writer is everybody's.
    told = try_out(change.deps, change.asked.who.tenant, name, change.own_id("msg"))

    def work(tx: Transaction, at: datetime) -> Answer:
        record(tx, told, by=change.by, at=at)
        return Answer(200, told)

    return change.answer(None, work)


def _judge(change: Change, url: str | None, queues: Iterable[str]) -> None:
    """Raise Invalid for what cannot be registered; a repeat was judged when it was new."""
    if change.is_repeat():
        return
    deps, tenant = change.deps, change.asked.who.tenant
    if url is not None:
        webhooks.judge(deps, tenant, url)
    webhooks.known_queues(deps, tenant, queues)


def _changed(
    change: Change, body: Body | None, work: Work, made: Sequence[StoredWebhook] | None = None
) -> Response:
    """Answer a change of webhooks, once this process works with it; with the secret of `made`."""
    deps, tenant = change.deps, change.asked.who.tenant
    shown = None if made is None else lambda answer: with_secret(deps, tenant, answer, made)
    answer = change.answer(body, work, shown=shown)
    deps.webhooks.follow()
    return answer
