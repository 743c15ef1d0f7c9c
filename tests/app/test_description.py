"""The OpenAPI description says what the service does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from handoff.api.turns import PATH, TurnBody
from handoff.bootstrap import Settings, build
from handoff.domain.turn import Turn


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    """Return the application, not running."""
    service = build(Settings(data_dir=tmp_path))
    yield service.app
    service.stop()


def test_the_turn_route_is_described_though_it_is_not_the_frameworks(app: FastAPI) -> None:
    """Its entry has every field of a turn and what may stand beside it; all references lead."""
    description = app.openapi()

    post = description["paths"][PATH]["post"]
    schema = post["requestBody"]["content"]["application/json"]["schema"]
    assert set(schema["properties"]) == {*Turn.model_fields, "conversation", "epoch"}
    assert set(schema["properties"]) == set(TurnBody.model_fields)
    for name in ("About", "ToolCall", "Role"):
        assert name in description["components"]["schemas"]


def test_the_description_is_openapi_3_1(app: FastAPI) -> None:
    """With a summary and a tag on every operation, and an id that is its own."""
    description = app.openapi()

    operations = [op for path in description["paths"].values() for op in path.values()]
    assert description["openapi"].startswith("3.1")
    assert all(operation["summary"] and operation["tags"] for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)


def test_pages_are_no_part_of_the_description(app: FastAPI) -> None:
    """The API's own routes are under /v1, but for health and figures."""
    paths = app.openapi()["paths"]

    assert {p for p in paths if not p.startswith("/v1/")} == {"/healthz", "/readyz", "/metrics"}
