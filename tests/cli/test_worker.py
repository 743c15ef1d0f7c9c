"""`handoff worker`: says in a line what it lacks, and looks where it is told to."""

import json

import pytest

from tests.cli.conftest import Command
from tests.redis_server import hanging, running

NO_REDIS = (
    "workers need Redis: HANDOFF_REDIS_URL is not set, or the engine is embedded; "
    "so `handoff serve` delivers by itself"
)


@pytest.fixture(autouse=True)
def _folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the data into a folder of the test's own."""
    monkeypatch.setenv("HANDOFF_DATA_DIR", str(tmp_path_factory.mktemp("data")))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, NO_REDIS),
        (
            {"HANDOFF_REDIS_URL": "redis://x:hunter2@y/0", "HANDOFF_ENGINE": "embedded"},
            NO_REDIS,
        ),
        (
            {"HANDOFF_REDIS_URL": "redis://x:hunter2@y/0", "HANDOFF_DATABASE_URL": "sqlite://"},
            "a database in memory is one process's own: no worker can see it",
        ),
        ({"HANDOFF_ENGINE": "rq"}, "HANDOFF_ENGINE is rq: it needs HANDOFF_REDIS_URL"),
        (
            {"HANDOFF_REDIS_URL": "http://x:hunter2@y"},
            "HANDOFF_REDIS_URL must begin with redis://, rediss:// or unix://",
        ),
    ],
)
def test_what_cannot_work_is_told_in_a_line(
    handoff: Command, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], told: str
) -> None:
    """Exit code 2, and no password in it."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    code, _, err = handoff("worker")

    assert code == 2
    assert err.splitlines()[-1] == f"handoff: {told}"
    assert "hunter2" not in err


def test_doctor_looks_at_redis(handoff: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that evicts is a problem."""
    with running() as server, server.client() as client:
        monkeypatch.setenv("HANDOFF_REDIS_URL", server.url)
        _, fine, _ = handoff("doctor", "--json")
        client.config_set("maxmemory", 10**9)
        client.config_set("maxmemory-policy", "allkeys-lru")
        code, evicting, _ = handoff("doctor", "--json")

    before = json.loads(fine)["checks"]
    assert before["redis"]["ok"]
    assert "set appendonly to yes" in before["redis"]["advice"]
    assert before["clocks"]["detail"].startswith("Redis is within")
    assert code == 1
    assert "not noeviction" in json.loads(evicting)["checks"]["redis"]["detail"]


def test_doctor_does_not_hang_with_redis(handoff: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that nobody answers."""
    with hanging() as url:
        monkeypatch.setenv("HANDOFF_REDIS_URL", url)
        code, told, _ = handoff("doctor", "--json")

    assert code == 1
    assert "HANDOFF_REDIS_URL: it does not answer" in json.loads(told)["checks"]["redis"]["detail"]
