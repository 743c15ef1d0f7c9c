"""Policies: add a version, put one in force, go back, and see first what it would do."""

from datetime import datetime
from typing import Annotated, ClassVar

from fastapi import APIRouter, Path, Query
from pydantic import Field, JsonValue
from starlette.responses import Response

from handoff.api.asking import Asking, Guarded
from handoff.api.changing import Change, Changing, Work, json_answer
from handoff.api.fields import Body, Instant, masked
from handoff.api.paging import Paged
from handoff.domain.policies import Activation
from handoff.domain.ports import Transaction
from handoff.services.detectors import Written
from handoff.services.history import MOST, Span, replay_history
from handoff.services.once import Answer
from handoff.services.policies import activate, add, behind, find, readable, roll_back
from handoff.services.policy_views import activation_view, in_force_view, policy_view

LARGEST = 500_000
"""Characters of a policy."""
SHOWN = 100
"""Entries of the history in a listing, the newest."""

router = APIRouter(prefix="/v1/policies", tags=["policies"], route_class=Guarded)

Version = Annotated[str, Path(min_length=1, max_length=100)]


class NewPolicy(Body):
    """A policy to keep."""

    longest_text: ClassVar[int] = LARGEST
    text: str = Field(min_length=1, max_length=LARGEST, description="the whole file, YAML")


class Because(Body):
    """Why something is done; stands in the history and in the audit trail."""

    why: Annotated[str, Field(min_length=1, max_length=500), masked(500)]


class Window(Body):
    """Which conversations to replay: those that began in here, the newest first."""

    since: Instant | None = None
    until: Instant | None = None
    limit: int = Field(default=500, ge=1, le=MOST)


@router.get("", summary="The versions, which is in force, and what was before")
def versions(asked: Asking, where: Annotated[Paged, Query()]) -> Response:
    """Return a page of versions, the one added last first, and the newest of the history."""
    page, configured = where.page(), asked.deps.detectors.configured
    found, history = asked.read(lambda tx: (tx.policies.list(page), tx.policies.history()))
    active = in_force_view(history, configured)
    items: list[JsonValue] = [
        {**policy_view(policy), "active": policy.version == active["version"]}
        for policy in found.items
    ]
    told: JsonValue = {
        "items": items,
        "cursor": found.cursor,
        "active": active,
        "history": [activation_view(one) for one in history[: -SHOWN - 1 : -1]],
    }
    return json_answer(told)


@router.post("", summary="Add a version; it is checked, and not yet in force")
def add_version(change: Changing, body: NewPolicy) -> Response:
    """Return the version: 201, or 200 where the same content is there already."""
    written = Written.load(body.text)

    def work(tx: Transaction, at: datetime) -> Answer:
        stored, new = add(tx, written, by=change.by, at=at)
        return Answer(201 if new else 200, {**policy_view(stored), "policy": written.policy.label})

    return change.answer(body, work)


@router.get("/active", summary="The policy in force, with its text")
def active(asked: Asking) -> Response:
    """Return it, whether it was put in force here or is what the settings name."""
    configured = asked.deps.detectors.configured

    def work(tx: Transaction) -> JsonValue:
        told = in_force_view(tx.policies.history(), configured)
        return {**told, "text": find(tx, configured, str(told["version"])).text}

    return json_answer(asked.read(work))


@router.post("/rollback", summary="Put in force again what was before")
def back(change: Changing, body: Because) -> Response:
    """Return the activation."""
    passed = behind(change.asked.read(lambda tx: tx.policies.history()))
    if passed is not None:
        readable(change.deps, change.asked.who.tenant, passed)
    return _changed(
        change,
        body,
        lambda tx, at: _activated(roll_back(tx, body.why, by=change.by, at=at)),
    )


@router.get("/{version}", summary="A version, with its text")
def version(asked: Asking, version: Version) -> Response:
    """Return a stored version, or the one of the settings."""
    configured = asked.deps.detectors.configured
    stored = asked.read(lambda tx: find(tx, configured, version))
    return json_answer({**policy_view(stored), "text": stored.text})


@router.post("/{version}/activate", summary="Put a version in force, without a restart")
def put_in_force(change: Changing, version: Version, body: Because) -> Response:
    """Return the activation; every conversation goes on with it, at its next turn."""
    deps = change.deps
    readable(deps, change.asked.who.tenant, version)
    configured = deps.detectors.configured
    return _changed(
        change,
        body,
        lambda tx, at: _activated(activate(tx, configured, version, body.why, by=change.by, at=at)),
    )


@router.post("/{version}/replay", summary="What a version would have done, on your own history")
def replay(asked: Asking, version: Version, body: Window) -> Response:
    """Return what would have escalated with it and with the one in force, and the differences."""
    tenant = asked.who.tenant
    policy = readable(asked.deps, tenant, version)
    span = Span(body.since, body.until, body.limit)
    return json_answer(replay_history(asked.deps, tenant, policy, span))


def _activated(activation: Activation) -> Answer:
    return Answer(200, activation_view(activation))


def _changed(change: Change, body: Because, work: Work) -> Response:
    """Answer a change of what is in force, once this process works with it."""
    answer = change.answer(body, work)
    change.deps.detectors.refresh()
    return answer
