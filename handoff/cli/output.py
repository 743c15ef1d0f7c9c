"""What commands print: JSON Lines for machines on stdout, progress for people on stderr."""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from time import monotonic
from types import TracebackType

import typer
from pydantic import JsonValue
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

PATIENCE = 2.0
"""Seconds without a word."""
REPEAT = 10.0
"""Seconds between plain lines where there is no terminal."""


def emit(records: Iterable[Mapping[str, JsonValue]]) -> None:
    """Write each record as a line of JSON at once; a reader who left ends the command, quietly."""
    lines = [json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n" for record in records]
    try:
        sys.stdout.write("".join(lines))
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered would fail again when Python closes stdout at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit from None


def complain(problem: str) -> None:
    """Say on stderr what was wrong with a piece of input."""
    typer.echo(problem, err=True)


class Pace:
    """Shows how far a long command is: a bar on a terminal, else a plain line now and then."""

    def __init__(
        self, doing: str, console: Console | None = None, counts: str = "conversations"
    ) -> None:
        """Speak of `doing`, and of what it counts, on stderr unless another console is given."""
        self._doing = doing
        self._counts = counts
        self._console = console or Console(stderr=True)
        self._due = monotonic() + PATIENCE
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def __enter__(self) -> "Pace":
        """Start, silently."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        if self._bar:
            self._bar.stop()

    def show(self, done: int, total: int, count: int) -> None:
        """Tell that `count` conversations and `done` of `total` bytes are behind us."""
        if self._bar:
            self._bar.update(self._task, completed=done, total=total or None, count=count)
        elif monotonic() >= self._due:
            if self._console.is_terminal:
                self._start()
                self.show(done, total, count)
            else:
                share = f" ({100 * done // total} %)" if total else ""
                self._console.print(f"{self._doing}: {count:,} {self._counts}{share}")
                self._due = monotonic() + REPEAT

    def _start(self) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn(f"{{task.fields[count]:,}} {self._counts}"),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=self._console, transient=True)
        self._task = self._bar.add_task(self._doing, count=0)
        self._bar.start()
