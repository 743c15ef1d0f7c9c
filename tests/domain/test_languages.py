"""Language tags."""

import pytest

from handoff.domain.languages import language_code


@pytest.mark.parametrize(
    ("tag", "code"),
    [("de", "de"), ("de-AT", "de"), ("pt_BR", "pt"), (" EN ", "en"), ("", ""), (None, "")],
)
def test_a_tag_is_read_as_its_language(tag: str | None, code: str) -> None:
    """Region, case, the sign between them and space around them do not count."""
    assert language_code(tag) == code
