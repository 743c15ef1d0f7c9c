"""What every fault test starts from: warm processes to fork, and databases to copy."""

import os
from collections.abc import Iterator

import pytest

from tests.faults.nursery import Nursery
from tests.faults.stage import Mould, mould
from tests.postgres import Server


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Return what forks services."""
    with Nursery() as running:
        yield running


@pytest.fixture(scope="session")
def moulds(tmp_path_factory: pytest.TempPathFactory, postgres: Server) -> Mould:
    """Return a furnished database of each kind."""
    return mould(tmp_path_factory.mktemp("mould"), postgres)


@pytest.fixture
def seed() -> int:
    """Return the seed of what is drawn; `FAULTS_SEED` repeats a run."""
    return int(os.environ.get("FAULTS_SEED", "1"))


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Return the kind of the database."""
    return str(request.param)
