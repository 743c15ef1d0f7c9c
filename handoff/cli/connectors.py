"""List the configured connectors, check their credentials, send a marked sample."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic import JsonValue

from handoff.bootstrap import TENANT, connected, endpoint_paths, load_settings
from handoff.cards import build_card
from handoff.cli.output import emit
from handoff.domain.connector import Checkable, Connector, Parcel, follows, hears, routes
from handoff.domain.errors import ConnectorError, Invalid
from handoff.domain.escalation import CloseOutcome, Escalation, Opener, State
from handoff.domain.incident import Incident
from handoff.domain.turn import Conversation, Role, Turn

SAMPLE = "This is a sample from `handoff connectors test`: nobody waits, nothing is to be done."
"""What the customer of a sample says, so that nobody looks for them."""
PROBLEMS = 1

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A configured connector.")]
Checked = Annotated[str | None, typer.Argument(metavar="[NAME]", help="One of them alone.")]

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def connectors() -> None:
    """Work with the connectors that the settings name; secrets are never shown."""


@app.command("list")
def show(*, as_json: AsJson = False) -> None:
    """Print what is configured: what each moves, and where it calls back."""
    settings = load_settings()
    paths = endpoint_paths(settings, TENANT)
    with connected(settings) as there:
        rows: list[dict[str, JsonValue]] = [
            {
                "name": name,
                "moves": ", ".join(sorted(one.moves)),
                "follows": follows(one),
                "routes": routes(one),
                "callbacks": f"{settings.address}{paths[name]}" if hears(one) else None,
            }
            for name, one in there.items()
        ]
    if as_json:
        emit(rows)
        return
    for row in rows:
        back = f"calls back at {row['callbacks']}" if row["callbacks"] else "calls nobody back"
        typer.echo(f"{row['name']}: {row['moves']}; {back}")


@app.command()
def check(name: Checked = None) -> int:
    """Look at credentials and permissions, of all connectors without NAME; nothing is changed."""
    return _told(name, _checked)


@app.command()
def test(name: Name) -> int:
    """Send a sample that says what it is, and close it at once."""
    return _told(name, _tested)


def _told(name: str | None, look: Callable[[Connector], str]) -> int:
    """Print what came of a look at one connector, or at all, and return the exit code.

    Raises Invalid where there is no such connector.
    """
    code = 0
    with connected(load_settings()) as there:
        if name is not None and name not in there:
            raise Invalid(f"no connector {name!r} is configured; there are: {', '.join(there)}")
        for each in there if name is None else (name,):
            try:
                typer.echo(f"{each}: {look(there[each])}")
            except ConnectorError as error:
                typer.echo(f"{each}: {error.message}", err=True)
                code = PROBLEMS
    return code


def _checked(one: Connector) -> str:
    if not isinstance(one, Checkable):
        return "its settings are sound; it has no credentials to look at"
    return one.check(_now())


def _tested(one: Connector) -> str:
    opened = _sample(secrets.token_hex(8), _now())
    receipt = one.deliver(opened)
    one.deliver(_closed(opened, receipt.reference))
    return f"opened and closed as {receipt.reference}"


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 # the moment a person ran it


def _sample(token: str, at: datetime) -> Parcel:
    """Return a parcel of an escalation that is nowhere else."""
    turn = Turn(turn_id="sample", role=Role.CUSTOMER, text=SAMPLE)
    conversation = Conversation(conversation_id=f"sample-{token}", turns=(turn,))
    escalation = Escalation(
        tenant=TENANT,
        escalation_id=f"esc_sample_{token}",
        conversation_id=conversation.conversation_id,
        state=State.QUEUED,
        version=1,
        queue="sample",
        priority=5,
        reason_code="other",
        opener=Opener.RUNTIME,
        opened_at=at,
        queued_at=at,
        changed_at=at,
    )
    card = build_card(conversation, escalation_id=escalation.escalation_id)
    delivery_id = f"dlv_sample_{token}"
    incident = _incident(token, at)
    return Parcel(delivery_id, TENANT, "opened", escalation, card, 1, at, incident=incident)


def _incident(token: str, at: datetime) -> Incident:
    """Return an incident of the sample alone, for connectors that are told of nothing else."""
    return Incident(
        tenant=TENANT,
        incident_id=f"inc_sample_{token}",
        cause="rule:sample",
        queue="sample",
        title="this is a sample of `handoff connectors test`",
        opened_at=at,
        last_at=at,
        due_at=None,
    )


def _closed(opened: Parcel, reference: str) -> Parcel:
    """Return the parcel that ends a sample."""
    ended = opened.escalation.evolve(state=State.CLOSED, outcome=CloseOutcome.CANCELLED)
    return replace(
        opened,
        delivery_id=f"{opened.delivery_id}_end",
        event="closed",
        escalation=ended,
        reference=reference,
        incident=opened.incident and opened.incident.evolve(closed_at=opened.at),
    )
