"""Values in a row go to the places they are meant for, on every dialect."""

import pytest
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite

from handoff.store.ahead import HEAD
from handoff.store.batch import SAVE_HEADS


@pytest.mark.parametrize(
    "dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "postgresql"]
)
@pytest.mark.parametrize("rows", [1, 2, 8])
def test_many_rows_take_their_values_row_after_row(dialect: Dialect, rows: int) -> None:
    """`Additions.run` gives values in this order, without their names."""
    wanted = [f"{name}_{row}" for row in range(rows) for name in HEAD.names]

    assert SAVE_HEADS.places(dialect, rows) == wanted
