"""Follows the service's feed of changes (server-sent events) and goes on after an interruption."""

import json
from collections.abc import Iterable, Iterator

import httpx

from handoff.client.answers import Event
from handoff.client.errors import error_of
from handoff.client.sending import PASSING, Sender

SILENCE = 60.0
"""Seconds without a byte after which the connection is taken for dead; the service sends a
comment far more often."""


def follow(sender: Sender, path: str, after: int | None) -> Iterator[Event]:
    """Yield changes after a sequence number (None: from now on), for as long as they are asked for.

    A connection that breaks is made again from the last change seen: none is missed or repeated.
    Raises ClientError where the service refuses.
    """
    tries = 0
    while True:
        try:
            for event in _connected(sender, path, after):
                tries, after = 0, event.sequence
                yield event
        except httpx.TransportError:
            pass
        sender.waiting.sleep(sender.backoff(tries))
        tries += 1


def _connected(sender: Sender, path: str, after: int | None) -> Iterator[Event]:
    headers = {"Accept": "text/event-stream"}
    if after is not None:
        headers["Last-Event-ID"] = str(after)
    timeout = httpx.Timeout(sender.http.timeout.connect, read=SILENCE)
    with sender.http.stream("GET", path, headers=headers, timeout=timeout) as answer:
        if not answer.is_success:
            if answer.status_code in PASSING:
                return
            answer.read()
            raise error_of(answer)
        yield from events(answer.iter_lines())


def events(lines: Iterable[str]) -> Iterator[Event]:
    """Yield the events in a stream's lines (WHATWG HTML 9.2.6); what is not ours is skipped."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            fields[name] = f"{fields[name]}\n{value}" if name in fields else value
            continue
        event = _event(fields)
        if event is not None:
            yield event
        fields = {}


def _event(fields: dict[str, str]) -> Event | None:
    number = fields.get("id", "")
    if not (number.isascii() and number.isdigit()) or "data" not in fields:
        return None
    told = json.loads(fields["data"])
    return Event.model_validate({**told, "sequence": int(number)})
