"""What words mean: vectors of words, where the extra `semantic` is installed; read once."""

import functools
import logging
from importlib import import_module, resources
from importlib.util import find_spec
from typing import Any, Final

from handoff.domain.text import Sense, no_sense

PACKAGE: Final = "wordllama"
PIECES: Final = 100
"""Pieces of words that are read of a text."""


def installed() -> Sense:
    """Return what tells how near words are in meaning: by their vectors, else always 0.

    The vectors are read when it is first asked, 0.5 s and 100 MB: ask once before turns come.
    """
    return by_vectors if find_spec(PACKAGE) else no_sense


def by_vectors(left: str, right: str) -> float:
    """Return the cosine of the mean vectors of two texts, 0 if it is negative."""
    one, other = _mean(left), _mean(right)
    if one is None or other is None:
        return 0.0
    lengths: float = float((one @ one) * (other @ other)) ** 0.5
    return max(0.0, float(one @ other) / lengths) if lengths else 0.0


def _mean(text: str) -> Any:
    model = _vectors()
    # One text at a time: batches are spread over threads, which takes 1 to 5 ms on a busy machine.
    pieces = model.tokenizer.encode(_whole(text), add_special_tokens=False).ids[:PIECES]
    return model.embedding[pieces].mean(axis=0) if pieces else None


def _whole(text: str) -> str:
    """Return `text` without halves of characters: its reader refuses them."""
    return text if text.isascii() else text.encode("utf-8", "ignore").decode()


@functools.cache
def _vectors() -> Any:
    # The package ships all it needs, but looks for its tokenizer under another folder's name and
    # would then download it. As a cache its own folder has both in the right place.
    package = _quietly(PACKAGE)
    home = str(resources.files(package))
    model = package.WordLlama
    return model.load(cache_dir=home, disable_download=True)


def _quietly(package: str) -> Any:
    """Import `package` and undo what it does to the log: it has everybody's INFO printed."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    module = import_module(package)
    root.setLevel(level)
    for handler in set(root.handlers).difference(handlers):
        root.removeHandler(handler)
    return module
