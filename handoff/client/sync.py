"""The synchronous client: one method per thing a runtime, a desk or a supervisor asks for."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Literal, Self, Unpack, overload

import httpx
from pydantic import JsonValue

from handoff.client.answers import (
    Control,
    Escalation,
    Json,
    Opened,
    TurnAnswer,
)
from handoff.client.sending import Patience, Sender, Waiting
from handoff.client.watching import Watching
from handoff.client.webhooks import Webhooks
from handoff.client.wire import About, given, pages, path, plain, read, read_items, read_json, said
from handoff.domain.turn import Turn


class Client(Watching, Webhooks):
    """A handoff service. Use it as a context manager, or `close` it; threads may share it.

    Every method raises `ClientError` or one of its kinds. What passes by itself (no connection, a
    timeout, 429, 502, 503, 504, 507) is repeated with growing, jittered waits for as long as
    `patience` says, a minute by default. Repeating never does a thing twice: turns are known by
    their `turn_id`, other changes by an Idempotency-Key made per call and kept over its retries.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout: float = 10.0,
        patience: Patience | None = None,
        waiting: Waiting | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Connect on first use. `timeout` is of one try; tests bring `transport` and `waiting`."""
        http = httpx.Client(
            base_url=base_url,
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=timeout,
            transport=transport,
            follow_redirects=False,
        )
        self._sender = Sender(http, patience or Patience(), waiting or Waiting())

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._sender.http.close()

    def turn(
        self,
        conversation_id: str,
        turn: Turn | Mapping[str, JsonValue],
        *,
        epoch: int | None = None,
        **about: Unpack[About],
    ) -> TurnAnswer:
        """Return what to do after a turn; the same turn sent again gets the same answer.

        A bot turn with an `epoch` asks to speak: ControlLost means that it must stay silent.
        """
        body = {**plain(turn), **given(conversation=said(about), epoch=epoch)}
        where = path("conversations", conversation_id, "turns")
        return read(TurnAnswer, self._sender.post(where, body, keyed=False))

    def control(self, conversation_id: str) -> Control:
        """Return who has the floor, and the epoch to speak with."""
        return read(Control, self._sender.get(path("conversations", conversation_id, "control")))

    def pass_control(
        self,
        conversation_id: str,
        holder: str,
        *,
        name: str | None = None,
        epoch: int | None = None,
    ) -> Control:
        """Return the floor after it went to `holder`; StaleVersion if `epoch` is old."""
        body = given(holder=holder, name=name, epoch=epoch)
        return read(
            Control, self._sender.post(path("conversations", conversation_id, "control"), body)
        )

    def end(self, conversation_id: str, by: str, why: str | None = None) -> Json:
        """Return how the conversation ended; `by` is customer, bot, human or system."""
        body = given(by=by, why=why)
        return read_json(self._sender.post(path("conversations", conversation_id, "end"), body))

    def feedback(
        self,
        conversation_id: str,
        *,
        score: float | None = None,
        text: str | None = None,
        about: Mapping[str, JsonValue] | None = None,
    ) -> None:
        """Keep what somebody thought of a conversation."""
        body = given(score=score, text=text, about=dict(about) if about else None)
        self._sender.post(path("conversations", conversation_id, "feedback"), body)

    def turns(self, conversation_id: str) -> list[Json]:
        """Return the conversation's turns as they are stored, in order."""
        return read_items(self._sender.get(path("conversations", conversation_id, "turns")))

    def escalate(
        self,
        conversation_id: str,
        *,
        reason_code: str | None = None,
        queue: str | None = None,
        priority: int | None = None,
        context_summary: str | None = None,
        transcript: Sequence[Turn | Mapping[str, JsonValue]] = (),
        slots: Mapping[str, JsonValue] | None = None,
        tool: Mapping[str, JsonValue] | None = None,
        key: str | None = None,
        **about: Unpack[About],
    ) -> Opened:
        """Return the conversation's open escalation, opened now if there was none.

        `queue` is a hint and `context_summary` the bot's own words; a call of one of `tools()` as
        the bot's model made it goes into `tool` (name, arguments) instead. Pass an Idempotency-Key
        of your own as `key` to repeat the request even from another process.
        """
        body = given(
            conversation_id=conversation_id,
            reason_code=reason_code,
            queue=queue,
            priority=priority,
            context_summary=context_summary,
            slots=dict(slots) if slots else None,
            tool=dict(tool) if tool else None,
            transcript=[plain(turn) for turn in transcript],
            conversation=said(about),
        )
        return read(Opened, self._sender.post(path("escalations"), body, key=key))

    def escalation(self, escalation_id: str) -> Escalation:
        """Return an escalation; raise NotFound."""
        return read(Escalation, self._sender.get(path("escalations", escalation_id)))

    def escalations(self, **where: str | None) -> Iterator[Escalation]:
        """Yield those with a state, queue, job, intent, reason_code or conversation_id."""
        found = pages(self._sender, path("escalations"), where)
        return map(Escalation.model_validate, found)

    @overload
    def card(self, escalation_id: str, form: Literal["json"] = "json") -> Json: ...
    @overload
    def card(self, escalation_id: str, form: str) -> Json | str: ...
    def card(self, escalation_id: str, form: str = "json") -> Json | str:
        """Return the newest card as data, or as text in another form (text, markdown, html)."""
        answer = self._sender.get(path("escalations", escalation_id, "card"), {"format": form})
        return read_json(answer) if form == "json" else answer.text

    def rate_card(
        self,
        escalation_id: str,
        *,
        useful: bool,
        claim: str | None = None,
        card_version: int | None = None,
    ) -> Json:
        """Say whether the card was useful, and which claim is wrong; a later word replaces it."""
        body: dict[str, JsonValue] = {"useful": useful}
        body |= given(claim=claim, card_version=card_version)
        where = path("escalations", escalation_id, "card", "rating")
        return read_json(self._sender.post(where, body))

    def claim(self, escalation_id: str, *, version: int | None = None) -> Escalation:
        """Take a queued escalation."""
        return self._moved(escalation_id, "claim", {}, version)

    def accept(self, escalation_id: str, *, version: int | None = None) -> Escalation:
        """Take the escalation that is reserved for this key's holder."""
        return self._moved(escalation_id, "accept", {}, version)

    def decline(self, escalation_id: str, why: str | None = None) -> Escalation:
        """Give a reservation back to the queue."""
        return self._moved(escalation_id, "decline", given(why=why))

    def release(self, escalation_id: str, why: str | None = None) -> Escalation:
        """Put an escalation back into its queue, at its first queue time."""
        return self._moved(escalation_id, "release", given(why=why))

    def transfer(self, escalation_id: str, queue: str, why: str | None = None) -> Escalation:
        """Move it to another queue."""
        return self._moved(escalation_id, "transfer", given(queue=queue, why=why))

    def defer(self, escalation_id: str, contact_at: datetime) -> Escalation:
        """Promise the customer a contact at an instant."""
        return self._moved(escalation_id, "defer", {"contact_at": contact_at.isoformat()})

    def message(self, escalation_id: str, text: str) -> Escalation:
        """Say something to the customer, as the human who has the escalation."""
        return self._moved(escalation_id, "messages", {"text": text})

    def note(self, escalation_id: str, text: str) -> None:
        """Keep a note among humans; the customer never hears it."""
        self._sender.post(path("escalations", escalation_id, "note"), {"text": text})

    def dispose(
        self,
        escalation_id: str,
        outcome: str = "resolved",
        disposition: str | None = None,
        *,
        version: int | None = None,
    ) -> Escalation:
        """Close it with an outcome and the queue's disposition code."""
        body = given(outcome=outcome, disposition=disposition)
        return self._moved(escalation_id, "dispose", body, version)

    def hand_back(
        self, escalation_id: str, brief: Mapping[str, JsonValue], *, version: int | None = None
    ) -> Escalation:
        """Give the conversation back to the bot with a brief of what was done and promised."""
        return self._moved(escalation_id, "return", {"brief": dict(brief)}, version)

    def abandon(self, escalation_id: str) -> Escalation:
        """Record that the customer left."""
        return self._moved(escalation_id, "abandon", {})

    def cancel(self, escalation_id: str, why: str | None = None) -> Escalation:
        """Withdraw an escalation nobody has taken."""
        return self._moved(escalation_id, "cancel", given(why=why))

    def leg(self, escalation_id: str, leg_id: str, state: str, **more: JsonValue) -> Escalation:
        """Report a telephone leg: ringing, answered, bridged, held, failed or ended."""
        return self._moved(escalation_id, "legs", {"leg_id": leg_id, "state": state, **more})

    def presence(self, status: str) -> Json:
        """Say whether this key's holder is there: available, busy or away."""
        return read_json(self._sender.put(path("me", "presence"), {"status": status}))

    def _moved(
        self,
        escalation_id: str,
        verb: str,
        body: Mapping[str, JsonValue],
        version: int | None = None,
    ) -> Escalation:
        where = path("escalations", escalation_id, verb)
        return read(Escalation, self._sender.post(where, body, version=version))
