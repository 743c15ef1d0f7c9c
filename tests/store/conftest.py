"""A fresh database in a temporary folder, as the service opens it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from handoff.store import SqlStore, open_store


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return where the database lies."""
    return f"sqlite:///{tmp_path}/handoff.db"


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """Return the open store."""
    store = open_store(url)
    yield store
    store.close()
