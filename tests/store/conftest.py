"""A fresh database, as the service opens it: every test that asks for one runs on each kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from handoff.store import SqlStore, open_store
from tests.postgres import Server

KINDS = ("sqlite", "postgresql")
ON_SQLITE = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
"""A test about SQLite alone."""


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Return which database it is."""
    return str(request.param)


@pytest.fixture
def url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Return where a database lies."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path}/handoff.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def empty_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Return where a database without tables lies."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path}/handoff.db"
        return
    server: Server = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """Return the open store."""
    store = open_store(url)
    yield store
    store.close()
