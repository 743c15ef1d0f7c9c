"""Feeds recorded conversations to the services or, over HTTP, to a running service."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import cast

from pydantic import JsonValue

from handoff.cli.reading import Recording
from handoff.client import Client, Forbidden, TurnAnswer, Unauthenticated, Unreachable
from handoff.client.wire import About
from handoff.domain.audit import Actor, ActorKind
from handoff.domain.decision import Action
from handoff.domain.errors import HandoffError, Overloaded
from handoff.domain.escalation import State
from handoff.domain.ports import Transaction
from handoff.domain.turn import Conversation, Turn
from handoff.services.deps import Deps
from handoff.services.end import end_conversation
from handoff.services.follow_up import follow_up
from handoff.services.observe import Observed, observe
from handoff.services.told import Told

ENDED_BY, ENDED_WHY = "customer", "end of the recording"
NOBODY_CAME = (State.QUEUED, State.RESERVED, State.CONNECTING, State.DEFERRED, State.ABANDONED)
"""An escalation here still waits for a person, so its conversation is not ended."""
STOPPING = (Unreachable, Unauthenticated, Forbidden, Overloaded)
"""What no other recording would fare better with: the run ends."""
RECORDER = Actor(ActorKind.RUNTIME, "handoff run")


@dataclass(frozen=True, slots=True)
class Escalated:
    """An escalation as a turn's answer showed it."""

    escalation_id: str
    reason_code: str
    state: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What of a turn's answer counts in the summary."""

    offered: bool
    escalated: Escalated | None


@dataclass(frozen=True, slots=True)
class Fed:
    """A recorded conversation and what came of it. `problem` says why it was not taken."""

    recording: Recording
    heard: tuple[Heard, ...] = ()
    problem: str | None = None

    @property
    def escalations(self) -> dict[str, Escalated]:
        """Return the escalations by id, each as it was last seen."""
        return {e.escalation_id: e for one in self.heard if (e := one.escalated)}


Feeder = Callable[[Recording], Fed]


def feed_all(feed: Feeder, recordings: Iterable[Recording], at_once: int) -> Iterator[Fed]:
    """Yield what came of each recording, in their order, with `at_once` of them under way."""
    under_way: deque[Future[Fed]] = deque()
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="feed")
    try:
        for recording in recordings:
            under_way.append(pool.submit(feed, recording))
            if len(under_way) == 2 * at_once:  # the next ones are ready when one ends
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def into_services(deps: Deps, tenant: str) -> Feeder:
    """Return a feeder that calls the services; many turns share a commit."""
    return partial(_checked, partial(_submit, deps, tenant))


def over_http(client: Client) -> Feeder:
    """Return a feeder that goes through the client, one turn after the other."""
    return partial(_checked, partial(_post, client))


def _checked(feed: Callable[[Conversation], list[Heard]], recording: Recording) -> Fed:
    """Return what came of a recording, or why it was not taken; raise what would meet them all."""
    try:
        return Fed(recording, tuple(feed(recording.conversation)))
    except STOPPING:
        raise
    except HandoffError as error:
        return Fed(recording, problem=error.message)


def _to_end(heard: list[Heard]) -> bool:
    """Tell whether the conversation is over: nobody is waited for."""
    last = heard[-1].escalated if heard else None
    return last is None or last.state not in NOBODY_CAME


def _submit(deps: Deps, tenant: str, conversation: Conversation) -> list[Heard]:
    name, told = conversation.conversation_id, Told(**about_of(conversation))

    def take(turn: Turn, tx: Transaction) -> Observed:
        return observe(tx, deps, name, turn, told, by=RECORDER, at=deps.clock())

    def end(tx: Transaction) -> None:
        end_conversation(tx, deps, name, ENDED_BY, ENDED_WHY, by=RECORDER, at=deps.clock())

    # The writer takes them in this order, so none has to wait for the one before.
    taken = [deps.store.submit(tenant, partial(take, turn)) for turn in conversation.turns]
    observed = [future.result() for future in taken]
    for one in observed:
        follow_up(deps, tenant, name, one)
    heard = [_seen(one.answer) for one in observed]
    if heard and _to_end(heard):
        deps.store.write(tenant, end)
    return heard


def _seen(answer: dict[str, JsonValue]) -> Heard:
    escalation = answer["escalation"]
    escalated = None
    if isinstance(escalation, dict):
        escalated = Escalated(
            str(escalation["escalation_id"]),
            str(escalation["reason_code"]),
            str(escalation["state"]),
        )
    return Heard(answer["action"] == Action.OFFER, escalated)


def _post(client: Client, conversation: Conversation) -> list[Heard]:
    name, about = conversation.conversation_id, about_of(conversation)
    heard = [_told(client.turn(name, turn, **about)) for turn in conversation.turns]
    if heard and _to_end(heard):
        client.end(name, ENDED_BY, ENDED_WHY)
    return heard


def about_of(conversation: Conversation) -> About:
    """Return what the recording says of the conversation, as every turn repeats it."""
    known = conversation.model_dump(
        mode="json", include=set(About.__annotations__), exclude_defaults=True
    )
    return cast("About", known)


def _told(answer: TurnAnswer) -> Heard:
    escalation = answer.escalation
    escalated = None
    if escalation:
        escalated = Escalated(
            escalation.escalation_id, escalation.reason_code, escalation.state.value
        )
    return Heard(answer.action is Action.OFFER, escalated)
