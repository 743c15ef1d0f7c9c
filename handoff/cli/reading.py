"""Reads recorded conversations from files one by one, naming file and line of what is no good."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn, TypeVar

from pydantic import JsonValue

from handoff.cli.layouts import Layout, read_conversation
from handoff.domain.errors import Invalid
from handoff.domain.redaction import redact_conversation
from handoff.domain.turn import Conversation

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Recording:
    """A conversation with card numbers masked, as a service would store it, and its place."""

    conversation: Conversation
    source: str
    number: int
    """Its line in a file of lines, else its place in the list."""


class Recordings:
    """The conversations of some files, in order; a line that is no good is told and skipped.

    `.json` is one document (a conversation or a list of them), everything else is read line by
    line, and never as a whole; `.gz` is unpacked on the way.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        layout: Layout | None,
        complain: Callable[[str], None],
    ) -> None:
        """Look at the files; raise Invalid for one that is not there. Nothing is read yet."""
        self._paths = paths
        self._layout = layout
        self._complain = complain
        self._finished = 0
        self._open: IO[bytes] | None = None
        self.size = sum(_size(path) for path in paths)
        self.skipped = 0
        """Lines that were no good."""

    @property
    def done(self) -> int:
        """Return how many bytes of `size` are behind us."""
        current = self._open.tell() if self._open and self._open.seekable() else 0
        return self._finished + current

    def __iter__(self) -> Iterator[Recording]:
        """Yield each conversation; raise Invalid for a file that cannot be read or is empty."""
        return (recording for recording, _ in self.beside(_nothing))

    def beside(
        self, read: Callable[[JsonValue, Recording], Read]
    ) -> Iterator[tuple[Recording, Read]]:
        """Yield each conversation, and what `read` finds beside it in its record.

        Where `read` raises Invalid the conversation is told and skipped like any bad line.
        """
        for path in self._paths:
            found = 0
            for number, value in self._values(path):
                found += 1
                try:
                    if isinstance(value, Invalid):
                        raise value
                    recording = self._recording(path, number, value)
                    found_beside = read(value, recording)
                except Invalid as error:
                    self.skipped += 1
                    self._complain(f"{path}:{number}: {error.message}")
                    continue
                yield recording, found_beside
            if not found:
                raise Invalid(f"{path}: nothing to read")
            self._finished += _size(path)

    def _recording(self, path: Path, number: int, value: JsonValue) -> Recording:
        unnamed = f"{path.name.partition('.')[0]}-{number}"
        try:
            conversation = read_conversation(value, self._layout, unnamed)
            clean, _ = redact_conversation(conversation)
        except RecursionError:
            raise Invalid("nested too deeply") from None
        return Recording(clean, str(path), number)

    def _values(self, path: Path) -> Iterator[tuple[int, JsonValue | Invalid]]:
        """Yield what each line (or item of a document) holds, or why it holds nothing."""
        suffixes = path.suffixes
        try:
            with path.open("rb") as self._open:
                unpacked = gzip.GzipFile(fileobj=self._open) if path.suffix == ".gz" else self._open
                if ".json" in suffixes[-2:]:
                    yield from _items(path, unpacked.read())
                else:
                    yield from _lines(path, unpacked)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Invalid(f"{path}: damaged gzip file ({error})") from None
        except OSError as error:
            raise Invalid(f"{path}: {error.strerror or error}") from None
        finally:
            self._open = None


def _nothing(_value: JsonValue, _recording: Recording) -> None:
    """Read nothing beside the conversation."""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}") from None


def _lines(
    path: Path, lines: IO[bytes] | gzip.GzipFile
) -> Iterator[tuple[int, JsonValue | Invalid]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield number, _parsed(line)
        except UnicodeDecodeError as error:
            if number == 1:
                raise Invalid(f"{path}: not UTF-8 text") from None
            yield number, Invalid(f"not UTF-8 (byte {error.start + 1} of the line)")
        except Invalid as error:
            yield number, error


def _items(path: Path, document: bytes) -> Iterator[tuple[int, JsonValue | Invalid]]:
    """Yield the conversations of a whole document."""
    try:
        value = _parsed(document) if document.strip() else []
    except UnicodeDecodeError:
        raise Invalid(f"{path}: not UTF-8 text") from None
    except Invalid as error:
        raise Invalid(f"{path}: {error.message}") from None
    yield from enumerate(_conversations(value), 1)


def _conversations(value: JsonValue) -> list[JsonValue]:
    """Return the conversations in a document; a list of messages is a single one."""
    if not isinstance(value, list):
        return [value]
    messages = bool(value) and isinstance(value[0], dict) and "role" in value[0]
    return [value] if messages else value


def _parsed(text: bytes) -> JsonValue:
    """Return the JSON value of UTF-8 `text`; raise Invalid or UnicodeDecodeError."""
    try:
        value: JsonValue = json.loads(text.decode("utf-8-sig"), parse_constant=_refuse)
    except json.JSONDecodeError as error:
        place = (
            f"line {error.lineno}, column {error.colno}"
            if error.lineno > 1
            else f"column {error.colno}"
        )
        raise Invalid(f"not JSON: {error.msg} ({place})") from None
    except RecursionError:
        raise Invalid("nested too deeply") from None
    except ValueError as error:  # a number of more than 4,300 digits
        if isinstance(error, UnicodeDecodeError):
            raise
        raise Invalid(f"not JSON we can read: {error}") from None
    return value


def _refuse(constant: str) -> NoReturn:
    raise Invalid(f"not JSON: {constant} is no number")
