"""Where work belongs in a trace: the W3C's `traceparent`, and what makes spans of it.

https://www.w3.org/TR/trace-context/ – version 00; of later versions what is alike is read.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

import re2

HEADER = "traceparent"
_FORM = re2.compile(r"^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$")
_NO_TRACE, _NO_SPAN, _NO_VERSION = "0" * 32, "0" * 16, "ff"
_LONGEST = 200

Value = str | int


class Span(Protocol):
    """One piece of work in a trace."""

    @property
    def traceparent(self) -> str | None:
        """Return what is to be told to whoever does a part of it, None outside of any trace."""


class Tracer(Protocol):
    """Makes spans. Attributes are ids and states, never anybody's words."""

    def span(
        self, name: str, parent: str | None, attributes: Mapping[str, Value]
    ) -> AbstractContextManager[Span]:
        """Return a span that begins on entering; `parent` is a `traceparent`."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A span that is none: what was told is told on."""

    traceparent: str | None


class Untraced:
    """Makes no spans, and passes on where others began a trace."""

    def span(
        self,
        name: str,  # noqa: ARG002 # the port's argument
        parent: str | None,
        attributes: Mapping[str, Value],  # noqa: ARG002 # the port's argument
    ) -> AbstractContextManager[Span]:
        """Return what passes the parent on."""
        return nullcontext(Passed(parent))


def traceparent(header: str | None) -> str | None:
    """Return a header in version 00's form; None where it names no trace: a new one begins then."""
    if header is None or len(header) > _LONGEST:
        return None
    match = _FORM.match(header.strip())
    if match is None:
        return None
    version, trace, span, flags = (match.group(place) for place in range(1, 5))
    if version == _NO_VERSION or trace == _NO_TRACE or span == _NO_SPAN:
        return None
    return f"00-{trace}-{span}-{flags}"
