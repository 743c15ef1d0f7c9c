"""Webhooks: trying out whether a receiver takes what we sign."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from handoff.api.asking import Guarded
from handoff.api.changing import Changing
from handoff.domain.ports import Transaction
from handoff.services.once import Answer
from handoff.services.try_out import record, try_out

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=Guarded)


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
