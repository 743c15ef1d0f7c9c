"""Word vectors: shipped with a package, read from disk, and no network."""

import logging
import socket
import sys

import pytest

from handoff.detection import Detector, Policy, meaning
from handoff.domain.text import no_sense


def test_the_vectors_are_read_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights and tokenizer lie in the package; nothing is looked for elsewhere."""

    def refused(*_: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(socket.socket, "connect", refused)
    meaning._vectors.cache_clear()

    assert meaning.installed()("wifi", "internet") > meaning.installed()("refund", "parcel")


def test_reading_them_leaves_the_log_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package asks for everybody's INFO where no log was set up; nobody gets it."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", logging.WARNING)
    for name in [name for name in sys.modules if name.split(".")[0] == meaning.PACKAGE]:
        monkeypatch.delitem(sys.modules, name)

    meaning._vectors.__wrapped__()

    assert (root.handlers, root.level) == ([], logging.WARNING)


@pytest.mark.parametrize("text", ["", "\ud800", "\u202e‮", "a" * 100_000, "🙂" * 500])
def test_hostile_words_have_some_meaning(text: str) -> None:
    """Between 0 and 1, whatever they are."""
    assert 0.0 <= meaning.by_vectors(text, "parcel") <= 1.0001


def test_without_the_extra_nothing_is_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the detector works all the same."""
    monkeypatch.setattr(meaning, "PACKAGE", "not_installed_here")

    assert meaning.installed() is no_sense
    Detector(Policy.default()).warm()
