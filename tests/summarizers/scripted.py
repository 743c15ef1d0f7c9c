"""A scripted OpenAI endpoint on loopback: what it answers, and a language model that asks it."""

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from handoff.outbound import GuardedClient
from summarizers.llm import LanguageModel
from tests.receiver import Answer, Received, Receiver, plain

Sentence = tuple[str, list[int]]


def story(*sentences: Sentence) -> str:
    """Return the content of a good answer."""
    return json.dumps({"sentences": [{"text": text, "turns": turns} for text, turns in sentences]})


def completion(content: object, tokens: int = 321) -> Answer:
    """Answer with a chat completion."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}}
    body = {"choices": [choice], "usage": {"total_tokens": tokens}}
    return plain(body=json.dumps(body).encode())


def in_turn(*answers: Answer) -> Answer:
    """Answer the first request with the first, and so on; the last one again and again."""
    left = list(answers)

    def answer(request: Received) -> Iterator[bytes]:
        return (left.pop(0) if len(left) > 1 else left[0])(request)

    return answer


def slow(seconds: float, answer: Answer) -> Answer:
    """Answer after some seconds."""

    def waiting(request: Received) -> Iterator[bytes]:
        time.sleep(seconds)
        yield from answer(request)

    return waiting


@contextmanager
def asking(receiver: Receiver, **over: object) -> Iterator[LanguageModel]:
    """Yield a language model at the receiver that never waits before it asks again."""
    told = {"url": f"http://127.0.0.1:{receiver.port}/v1", "model": "m1", "deadline": 5.0, **over}
    clock = told.pop("clock", time.monotonic)
    assert callable(clock)
    config = LanguageModel.Config.model_validate(told)
    with closing(GuardedClient(allow_loopback=True)) as outbound:
        yield LanguageModel(config, outbound, clock=clock, wait=lambda _: None)


def bodies(receiver: Receiver) -> list[dict[str, object]]:
    """Return what was asked."""
    return [json.loads(request.body) for request in receiver.ledger]
