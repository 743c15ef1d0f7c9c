"""What `handoff doctor` looks at in Redis: memory, what a restart forgets, its disk, its clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.exceptions import RedisError

from handoff.domain.skew import Skew, skew
from handoff.jobs.hints import ALIVE, client, named, short_of_memory
from handoff.jobs.port import Seen

PATIENCE = 2.0
"""Seconds that Redis is given to answer."""
MUCH = 0.8
"""Of its memory."""


def describe(url: str) -> Seen:
    """Return what Redis is like, what is wrong with it, and what would be better."""
    redis = client(url, timeout=PATIENCE)
    try:
        info = redis.info()
        worker = "a" if redis.exists(ALIVE) else "no"
    except (RedisError, OSError) as error:
        return Seen(wrong=f"{named(error)}: start it, or look at its address and password")
    finally:
        redis.close()
    told = (
        f"redis {info['redis_version']}, maxmemory {info['maxmemory']}"
        f" {info['maxmemory_policy']}, append-only file {('off', 'on')[info['aof_enabled']]},"
        f" {worker} worker"
    )
    return Seen(told, _wrong(info), "; ".join(_better(info)))


def skew_of(url: str, clock: Callable[[], datetime]) -> Skew | None:
    """Return how far Redis' clock is ahead of `clock`; None where it does not answer."""
    redis = client(url, timeout=PATIENCE)

    def ask() -> datetime:
        seconds, micros = redis.time()
        return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micros)

    try:
        ask()  # whoever is connecting cannot tell the time
        return skew(ask, clock)
    except (RedisError, OSError):
        return None
    finally:
        redis.close()


def _wrong(info: dict[str, Any]) -> str:
    short = short_of_memory(info)
    if short:
        return f"{short}; raise its maxmemory, and set maxmemory-policy to noeviction"
    if "err" in (info["aof_last_write_status"], info["rdb_last_bgsave_status"]):
        return "it could not write to its disk, and may refuse hints: look at its log and its disk"
    return ""


def _better(info: dict[str, Any]) -> list[str]:
    """Return what to set that nothing depends on, a sentence each."""
    policy, most, used = info["maxmemory_policy"], info["maxmemory"], info["used_memory"]
    found = []
    if not most:
        found.append(
            "maxmemory is 0, so that it may take all memory of its machine: set it, to 256mb say"
        )
    if policy != "noeviction":
        found.append(f"maxmemory-policy is {policy}: set it to noeviction before you set maxmemory")
    if most and used > MUCH * most:
        found.append(f"{100 * used // most} % of its memory is used: raise its maxmemory")
    if not info["aof_enabled"]:
        found.append(
            "the append-only file is off: a restart forgets hints, which costs seconds and no"
            " delivery; set appendonly to yes to keep them"
        )
    return found
