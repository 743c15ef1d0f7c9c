"""News through a real Redis: who hears of a change, and what happens while there is no Redis."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from handoff.jobs.news import CHANNEL, News
from tests.redis_server import hanging, running


@contextmanager
def news(url: str, heard: Event) -> Iterator[News]:
    """Run one process's news; it has heard once when it listens."""
    made = News(url, heard.set)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def test_another_process_hears_of_a_change_and_its_own_does_not() -> None:
    """What is sent says who sends it, and nothing else."""
    here, there = Event(), Event()
    with running() as server, news(server.url, here) as told, news(server.url, there):
        assert here.wait(10)
        assert there.wait(10)
        with server.client() as client:
            spy = client.pubsub(ignore_subscribe_messages=True)
            spy.subscribe(CHANNEL)
            woken = [_told(told, here, there) for _ in range(5)]
            said = spy.get_message(timeout=5) or spy.get_message(timeout=5)

    assert not all(woken)  # who listens anew on a busy machine wakes by that
    assert said is not None
    assert len(said["data"]) == 16


def _told(news: News, here: Event, there: Event) -> bool:
    """Tell of a change; return whether its own process woke by it."""
    here.clear()
    there.clear()
    news.tell()
    assert there.wait(10)
    return here.is_set()


def test_redis_that_comes_back_is_listened_to_again_after_a_look_at_what_was_missed() -> None:
    """Word that was sent meanwhile is lost; the look finds what it was about."""
    heard = Event()
    with running() as server, news(server.url, heard) as told:
        assert heard.wait(10)
        heard.clear()
        server.stop()
        told.tell()
        server.start()

        assert heard.wait(10)


def test_redis_that_never_answers_holds_nobody_up() -> None:
    """To tell is to set a flag; to stop takes no longer than Redis is given."""
    with hanging() as url:
        began = time.monotonic()
        with news(url, Event()) as told:
            for _ in range(1_000):
                told.tell()

        assert time.monotonic() - began < 5
