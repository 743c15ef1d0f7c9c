"""One OpenAI-compatible endpoint: a deadline, one retry, and a form that it understands."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from handoff.domain.card import Statement
from handoff.domain.connector import Outbound, OutboundReply
from handoff.domain.errors import ConnectorError
from handoff.domain.summary import SummaryFailed
from summarizers.schema import read_story, response_format

FORMS = ("json_schema", "schema", "json_object", "none")
"""Ways to ask for a form, in this order; one that a server refused is not tried on it again."""
_UNKNOWN_FORM = (400, 404, 415, 422, 501)
_PASSES = (408, 409, 425, 429)
_SERVER = 500
_PAUSE = 0.5
"""Seconds before the retry, where the server names none."""
_LEAST = 0.2
"""Seconds that must be left for a try to be worth it."""
_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Answered:
    """The sentences of an answer, and what they cost."""

    sentences: tuple[Statement, ...]
    tokens: int


class _Passing(Exception):
    """A failure that may pass by itself."""

    def __init__(self, message: str, wait: float = _PAUSE) -> None:
        super().__init__(message)
        self.wait = wait


class Endpoint:
    """Asks one model at one address; thread-safe."""

    def __init__(
        self,
        *,
        url: str,
        model: str,
        key: str,
        answer_tokens: int,
        outbound: Outbound,
        clock: Callable[[], float],
        sleep: Callable[[float], object],
    ) -> None:
        """Keep where and what to ask. `clock` gives seconds that only grow."""
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._model = model
        self._key = key
        self._answer_tokens = answer_tokens
        self._outbound = outbound
        self._clock = clock
        self._sleep = sleep
        self._form = 0

    def ask(self, messages: Sequence[dict[str, str]], deadline: float) -> Answered:
        """Return the story that the model answers within `deadline` seconds; raise SummaryFailed.

        What may pass by itself (no connection, 429, 5xx, an answer in another form) is tried once
        more if there is time. What was sent counts as spent, whatever came back.
        """
        until = self._clock() + deadline
        spent = 0
        try:
            return self._once(messages, until, 0)
        except _Passing as first:
            spent = _length(messages)
            left = until - self._clock() - first.wait
            if left < _LEAST:
                raise SummaryFailed(str(first), tokens=spent) from None
            self._sleep(first.wait)
        try:
            again = self._once(messages, until, 1)
        except _Passing as second:
            raise SummaryFailed(str(second), tokens=2 * spent) from None
        return Answered(again.sentences, again.tokens + spent)

    def _once(self, messages: Sequence[dict[str, str]], until: float, retry: int) -> Answered:
        form = self._form
        reply = self._post(messages, until, form, retry)
        while _refuses_form(reply) and form + 1 < len(FORMS):
            form += 1
            reply = self._post(messages, until, form, retry)
        if reply.status in _PASSES or reply.status >= _SERVER:
            raise _Passing(f"the model's server answered {reply.status}", _wait(reply))
        if reply.status != 200:
            raise SummaryFailed(f"the model's server answered {reply.status}")
        self._form = form
        return _read(reply.body, messages)

    def _post(
        self, messages: Sequence[dict[str, str]], until: float, form: int, retry: int
    ) -> OutboundReply:
        body: dict[str, JsonValue] = {
            "model": self._model,
            "messages": [dict(message) for message in messages],
            "max_tokens": self._answer_tokens,
            # The same question again would get the same wrong form.
            "temperature": 0.3 if retry else 0,
            "stream": False,
            **response_format(FORMS[form]),
        }
        headers = {"content-type": "application/json", "accept": "application/json"}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        left = until - self._clock()
        if left < _LEAST:
            raise SummaryFailed("no answer within the deadline")
        try:
            return self._outbound.post(self._url, json.dumps(body).encode(), headers, deadline=left)
        except ConnectorError as error:
            if error.retryable or error.unknown:
                raise _Passing(error.message) from None
            raise SummaryFailed(error.message) from None


def _refuses_form(reply: OutboundReply) -> bool:
    """Tell whether a server may not know the form it was asked for; some call that their fault."""
    return reply.status in _UNKNOWN_FORM or (
        reply.status >= _SERVER and b"response_format" in reply.body
    )


def _wait(reply: OutboundReply) -> float:
    """Return the seconds after which the server wants to be asked again."""
    told = reply.headers.get("retry-after", "")
    return float(told) if told.isdecimal() else _PAUSE


def _read(body: bytes, messages: Sequence[dict[str, str]]) -> Answered:
    """Return the story in an answer's body; nothing of the body is told where it has none."""
    try:
        answer = json.loads(body)
        content = answer["choices"][0]["message"]["content"]
        usage = answer.get("usage")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise _Passing("the answer is no chat completion") from None
    if not isinstance(content, str) or not content.strip():
        raise _Passing("the answer is empty")
    try:
        sentences = read_story(content)
    except ValueError as error:
        raise _Passing(f"the answer is {error}") from None
    counted = usage.get("total_tokens") if isinstance(usage, dict) else None
    guessed = _length(messages) + len(content) // _PER_TOKEN
    return Answered(sentences, counted if type(counted) is int and counted > 0 else guessed)


def _length(messages: Sequence[dict[str, str]]) -> int:
    return sum(len(message["content"]) for message in messages) // _PER_TOKEN
