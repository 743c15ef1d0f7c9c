"""The forms of the golden conversations, as people read them."""

from pathlib import Path

import pytest

from handoff.cards import RENDERERS, build_card, render
from handoff.domain.errors import Invalid
from tests.cards.conversations import GOLDEN
from tests.cards.test_forms import NEW

FOLDER = Path(__file__).parent / "golden"
EXTENSIONS = {"json": "json", "text": "txt", "markdown": "md", "html": "html"}


@pytest.mark.parametrize("form", EXTENSIONS)
@pytest.mark.parametrize("name", GOLDEN)
def test_form_is_as_recorded(name: str, form: str, rerecord: bool) -> None:
    """A card's form changes only when somebody looked at the change (`--rerecord`)."""
    path = FOLDER / f"{name}.{EXTENSIONS[form]}"
    card = build_card(*GOLDEN[name], escalation_id=f"esc-{name}")

    made = render(card, form) + ("\n" if form == "json" else "")

    if rerecord:
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


def test_every_form_is_golden() -> None:
    """A new form cannot be added without golden files, here or among the written cards."""
    assert set(RENDERERS) == {*EXTENSIONS, *NEW}


def test_unknown_form_is_refused_with_the_known_ones() -> None:
    """Asking for a form that does not exist says which do."""
    card = build_card(*GOLDEN["empty"])

    with pytest.raises(Invalid, match="known: json, text, markdown, html"):
        render(card, "papyrus")
