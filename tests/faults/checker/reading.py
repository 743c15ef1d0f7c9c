"""Reads every table by plain SQL: rows as dictionaries, JSON read, instants as seconds."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

TABLES = (
    "conversations",
    "turns",
    "escalations",
    "cards",
    "deliveries",
    "audit_entries",
    "audit_heads",
    "events",
    "event_heads",
    "idempotency",
    "callbacks",
    "incidents",
)
JSON = {
    "attributes", "control", "detector", "return_brief", "turn", "answer", "body", "details",
    "data", "attempts_told", "legs", "reasons",
}  # fmt: skip
Rows = dict[str, list[dict[str, Any]]]


def read_file(path: Path, tables: Iterable[str] = TABLES) -> Rows:
    """Return the tables of a SQLite file, from one snapshot."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as file:
        file.row_factory = sqlite3.Row
        file.execute("BEGIN")
        return {
            table: [_plain(dict(row)) for row in file.execute(f"SELECT * FROM {table}")]
            for table in tables
        }


def read_server(url: str, tables: Iterable[str] = TABLES) -> Rows:
    """Return the tables of a PostgreSQL database, of all tenants, from one snapshot."""
    with psycopg.connect(url, row_factory=dict_row) as server:
        server.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        server.execute("SELECT set_config('handoff.tenant', '*', true)")
        return {
            table: [_plain(row) for row in server.execute(f"SELECT * FROM {table}")]  # type: ignore[arg-type] # constants
            for table in tables
        }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "at" or name.endswith(("_at", "_until")):
        return value / 1e6
    if name in JSON or (name == "attempts" and isinstance(value, str)):
        return json.loads(value)
    if name in ("stale", "after_handoff"):
        return bool(value)
    return value
