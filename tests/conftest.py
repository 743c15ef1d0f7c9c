"""Options and fixtures of every test."""

from collections.abc import Iterator

import pytest

from handoff.store import migrate
from tests.postgres import Server, running


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--rerecord`: write the golden files anew; review the difference like prose."""
    parser.addoption("--rerecord", action="store_true", help="write golden files anew")


@pytest.fixture
def rerecord(request: pytest.FixtureRequest) -> bool:
    """Tell whether golden files are written instead of compared."""
    return bool(request.config.getoption("--rerecord"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Return a running PostgreSQL, started when the first test asks for it."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def migrated(postgres: Server) -> str:
    """Return the name of a database with tables, which tests use one after another."""
    name = postgres.create()
    migrate(postgres.url(name))
    return name


@pytest.fixture
def postgres_url(postgres: Server, migrated: str) -> Iterator[str]:
    """Return the URL of a database with tables and no rows."""
    yield postgres.url(migrated)
    postgres.empty(migrated)
