"""Show the main job end to end, with the conversations that are shipped."""

import sys
import tempfile
from functools import partial
from pathlib import Path
from threading import Event
from typing import Annotated

import typer
from rich.console import Console

from handoff.bootstrap import Service, build
from handoff.cli.acts import Scene, play
from handoff.cli.reading import Recordings
from handoff.cli.receiver import Receiver, new_secret
from handoff.cli.samples import samples as shipped
from handoff.cli.stage import HERE, login_link, new_key, on_loopback, own_settings
from handoff.cli.telling import Teller
from handoff.client import Client
from handoff.domain.records import Scope
from handoff.domain.turn import Conversation

WIDTH = 110
"""Columns where there is no terminal."""


def demo(
    *,
    serve: Annotated[
        bool, typer.Option("--serve", help="Leave the desk open afterwards, until Control-C.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port of the service; 0: any that is free.")
    ] = 0,
) -> int:
    """Play one conversation from the first turn to the hand-back, and look at the record.

    Everything shown comes from a real service over HTTP on loopback, with its data in a temporary
    folder that is removed at the end.
    """
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    secret = new_secret()
    with tempfile.TemporaryDirectory(prefix="handoff-demo-") as name, Receiver(secret) as hook:
        make = partial(_service, Path(name), hook.url, secret)
        with on_loopback(make, port) as service:
            whole = _play(service, hook, Teller(console))
            if serve and whole:
                _leave_open(service, console)
    return 0 if whole else 1


def _service(folder: Path, hook: str, secret: str, port: int) -> Service:
    told = {"outbox_dir": folder / "outbox", "webhook_url": hook, "webhook_secret": secret}
    settings = own_settings(folder, port=port, allow_loopback=True, dev=True, **told)
    return build(settings)


def _play(service: Service, hook: Receiver, tell: Teller) -> bool:
    url = service.deps.base_url
    bot = new_key(service, "bot", Scope.RUNTIME)
    ann = new_key(service, "ann", Scope.AGENT)
    boss = new_key(service, "supervisor", Scope.SUPERVISOR)
    with Client(url, bot) as runtime, Client(url, ann) as human, Client(url, boss) as supervisor:
        outbox = service.settings.outbox_dir or Path(HERE)
        return play(Scene(tell, runtime, human, supervisor, outbox, hook.arrived), samples())


def samples() -> list[Conversation]:
    """Return the conversations that are shipped with the command."""
    with shipped() as path:
        return [one.conversation for one in Recordings([path], None, typer.echo)]


def _leave_open(service: Service, console: Console) -> None:
    link = login_link(service, "ann", Scope.AGENT, Scope.SUPERVISOR)
    console.print(f"\nThe desk is open. This link logs you in, once:\n\n  {link}\n", soft_wrap=True)
    console.print("Control-C ends it.")
    try:
        Event().wait()
    except KeyboardInterrupt:
        console.print("closing …")
