"""Cards as files in a folder, for whoever picks them up there."""

import os
import tempfile
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from handoff.cards import render
from handoff.domain.connector import Callback, Moves, Outbound, Parcel, Said
from handoff.domain.delivery import Receipt
from handoff.domain.errors import ConnectorError, Invalid

FILES = {"text": "txt", "markdown": "md", "html": "html", "json": "json"}
"""Card form to file ending, in the order they are written: who sees the last has them all."""
LAST = "json"


class OutboxDir:
    """Writes `<folder>/<escalation>/<event>-<delivery>.<ending>`. Duplicates: none.

    A repeated delivery writes the same files again, each replaced whole: no reader ever sees half
    of one. Names are made of our own ids alone.
    """

    class Config(BaseModel):
        """Where to write."""

        model_config = ConfigDict(frozen=True, extra="forbid")

        folder: Path = Field(description="made if it is not there; owner and group may read it")

    moves: ClassVar = frozenset({Moves.WORK_ITEM})
    hears: ClassVar = False

    def __init__(self, config: Config, outbound: Outbound) -> None:  # noqa: ARG002 # every connector is made so
        """Keep the folder."""
        self._folder = config.folder

    def deliver(self, parcel: Parcel) -> Receipt:
        """Write the card in every form; any trouble with the disk may pass and is repeated."""
        place = self._place(parcel)
        contents = {ending: render(parcel.card, form) for form, ending in FILES.items()}
        try:
            place.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            for ending, content in contents.items():
                _write(place.with_suffix(f".{ending}"), content)
            _sync(place.parent)
        except OSError as error:
            raise ConnectorError(f"could not write: {error.strerror}") from error
        return self._receipt(place)

    def look_up(self, parcel: Parcel) -> Receipt | None:
        """Return what is there once the last file is; None while it is not."""
        place = self._place(parcel)
        return self._receipt(place) if place.with_suffix(f".{LAST}").is_file() else None

    def understand(self, callback: Callback) -> tuple[Said, ...]:  # noqa: ARG002 # the port's argument
        """Raise Invalid: a folder says nothing."""
        raise Invalid("a folder sends no callbacks")

    def _place(self, parcel: Parcel) -> Path:
        return (
            self._folder
            / _name(parcel.escalation.escalation_id)
            / _name(f"{parcel.event}-{parcel.delivery_id}")
        )

    def _receipt(self, place: Path) -> Receipt:
        return Receipt(str(place.relative_to(self._folder)))


def _name(text: str) -> str:
    """Return `text` if it is safe as a file name; raise ConnectorError otherwise."""
    if not text.replace("_", "").replace("-", "").isalnum() or not text.isascii():
        raise ConnectorError("an id is not usable as a file name", retryable=False)
    return text


def _write(path: Path, content: str) -> None:
    """Put the file there whole: written beside, flushed to disk, then renamed."""
    opened, beside = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        os.fchmod(opened, 0o640)
        file.write(content)
        file.flush()
        os.fsync(opened)
    Path(beside).replace(path)


def _sync(folder: Path) -> None:
    """Flush the folder's own entries, so that a rename survives the power going."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
