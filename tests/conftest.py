"""Options and fixtures of every test."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--rerecord`: write the golden files anew; review the difference like prose."""
    parser.addoption("--rerecord", action="store_true", help="write golden files anew")


@pytest.fixture
def rerecord(request: pytest.FixtureRequest) -> bool:
    """Tell whether golden files are written instead of compared."""
    return bool(request.config.getoption("--rerecord"))
