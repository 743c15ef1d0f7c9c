"""Languages that the bot does not speak."""

import pytest

from handoff.domain.text import Known
from handoff.signals.language_unsupported import SIGNAL
from tests.signals.played import customer, last

HOLA = customer("hola")


@pytest.mark.parametrize("spoken", ["pl", "pt-BR", "PL_pl"])
def test_a_language_that_is_not_listed_fires(spoken: str) -> None:
    """At full strength."""
    evidence = last(SIGNAL, HOLA, known=Known(language=spoken), languages=["en", "es-MX"])

    assert evidence is not None
    assert evidence.value == spoken


@pytest.mark.parametrize("spoken", ["en", "en-GB", "es_MX", "ES", None])
def test_listed_ones_do_not(spoken: str | None) -> None:
    """A region is served by its language; an unknown language is not judged."""
    assert last(SIGNAL, HOLA, known=Known(language=spoken), languages=["en", "es-MX"]) is None


def test_without_a_list_all_are_served() -> None:
    """An attribute tells the language where the runtime does not."""
    known = Known(attributes={"language": "pl"})

    assert last(SIGNAL, HOLA, known=known) is None
    assert last(SIGNAL, HOLA, known=known, languages=["en"]) is not None
