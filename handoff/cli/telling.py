"""How the demo shows things on the terminal: turns with their decisions, cards, tables."""

from collections.abc import Iterable, Sequence

from pydantic import JsonValue
from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from handoff.cards.evidence import evidence_line
from handoff.client import Delivery, Reason, TurnAnswer
from handoff.domain.decision import Action
from handoff.domain.turn import Turn

STYLES = {"customer": "bold cyan", "bot": "magenta", "human": "bold green", "tool": "yellow"}
ACTIONS = {Action.OFFER: "bold yellow", Action.ESCALATE: "bold red"}
FIGURES = ("job", "intent", "conversations", "contained", "escalations", "returned", "top_signal")
"""The report's columns that fit beside each other on a terminal."""
MARGIN = 8
"""Columns for who speaks."""


class Teller:
    """Writes the demo's story; everything in it came from the service a moment ago."""

    def __init__(self, console: Console) -> None:
        """Write to a console."""
        self._console = console

    def act(self, title: str, why: str) -> None:
        """Begin a part of the story."""
        self._console.print()
        self._console.print(Rule(Text(title, "bold"), align="left"))
        self.say(why)

    def say(self, line: str) -> None:
        """Write a sentence."""
        self._console.print(Text(line))

    def note(self, line: str, style: str = "dim") -> None:
        """Write what happened beside the conversation."""
        self._line("", Text(line, style))

    def turn(self, turn: Turn, answer: TurnAnswer) -> None:
        """Show what was said, and what the detector made of it."""
        self.spoken(turn.role.value, _words(turn))
        if answer.reasons or answer.action is not Action.CONTINUE:
            evidence = "; ".join(map(evidence_of, answer.reasons))
            judged = Text(answer.action.value, ACTIONS.get(answer.action, "dim"))
            self._line("", judged.append(f"  score {answer.score:.2f}  {evidence}", "dim"))

    def refused(self, turn: Turn, detail: str) -> None:
        """Show a bot turn that was not let through."""
        self._line(turn.role.value, Text(_words(turn), "strike dim"))
        self.note(f"refused, control_lost: {detail}", "bold red")

    def spoken(self, role: str, text: str) -> None:
        """Show words to the customer."""
        self._line(role, Text(text))

    def card(self, text: str) -> None:
        """Show a card in its text form."""
        self._console.print(Panel(Text(text.rstrip()), title="handoff card", border_style="green"))

    def deliveries(self, found: Iterable[Delivery]) -> None:
        """Show what went where."""
        self.table(
            ("connector", "event", "card", "state", "their reference"),
            [
                (d.connector, d.event, f"v{d.card_version}", d.state.value, d.reference or "")
                for d in found
            ],
        )

    def report(self, rows: Iterable[dict[str, JsonValue]]) -> None:
        """Show the transfers report."""
        self.table(FIGURES, [[_cell(row.get(name)) for name in FIGURES] for row in rows])

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Show rows."""
        drawn = Table(*head, box=None, header_style="dim", padding=(0, 2))
        for row in rows:
            drawn.add_row(*map(Text, row))
        self._console.print(drawn)

    def _line(self, role: str, words: Text) -> None:
        """Print words beside who said them, wrapped under themselves."""
        line = Table.grid(padding=(0, 2))
        line.add_column(width=MARGIN, justify="right")
        line.add_row(Text(role, STYLES.get(role, "dim")), words)
        self._console.print(line)


def evidence_of(reason: Reason) -> str:
    """Return one reason in plain words, with its turns and what the engine made of it."""
    line = evidence_line(reason, {})
    where = f" ({line.where})" if line.where else ""
    return f"{line.text}{where}, {line.aside}"


def _words(turn: Turn) -> str:
    call = turn.tool_call
    if call is None:
        return turn.text
    ended = {True: "ok", False: "failed", None: "outcome unknown"}[call.ok]
    return f"{call.name}({', '.join(map(str, call.arguments.values()))}): {ended}"


def _cell(value: JsonValue) -> str:
    return "" if value is None else str(value)
