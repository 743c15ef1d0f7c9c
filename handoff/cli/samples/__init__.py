"""The conversations that `handoff demo` plays, written for it: five need a person, one does not."""

from contextlib import AbstractContextManager
from importlib import resources
from pathlib import Path


def samples() -> AbstractContextManager[Path]:
    """Return a context in which the shipped conversations are a file (our own export, JSONL)."""
    return resources.as_file(resources.files(__name__).joinpath("demo.jsonl"))
