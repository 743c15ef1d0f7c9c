"""The commands there are, found without importing what only some of them need."""

import ast
from importlib import import_module, resources
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from handoff.domain.errors import MissingExtra

COMMANDS: Final[dict[str, str]] = {
    "demo": "handoff.cli.demo:demo",
    "serve": "handoff.cli.serve:serve",
    "worker": "handoff.cli.worker:worker",
    "keys": "handoff.cli.keys:app",
    "migrate": "handoff.cli.migrate:app",
    "connectors": "handoff.cli.connectors:app",
    "retention": "handoff.cli.retention:retention",
    "doctor": "handoff.cli.doctor:doctor",
    "run": "handoff.cli.run:run",
    "detect": "handoff.cli.detect:detect",
    "card": "handoff.cli.card:card",
    "evaluate": "handoff.cli.evaluate:evaluate",
    "learn": "handoff.cli.learn:learn",
    "policy": "handoff.cli.policy:app",
    "audit": "handoff.cli.audit:app",
}
"""Name to `module:attribute` (a function or a `typer.Typer`); a module's first line is its help."""


def resolve(name: str) -> TyperCommand | TyperGroup:
    """Return the command; raises MissingExtra where it needs a package that is not installed."""
    target = attribute_of(COMMANDS[name], "server")
    if not isinstance(target, typer.Typer):
        single = typer.Typer(add_completion=False)
        single.command(name)(target)
        target = single
    command = get_command(target)
    if not isinstance(command, TyperCommand | TyperGroup):
        raise TypeError(f"{COMMANDS[name]} makes no command")
    command.name = name
    return command


def attribute_of(target: str, extra: str) -> Any:
    """Return what `module:attribute` names; raises MissingExtra where `extra` is not installed."""
    module, _, attribute = target.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package == "handoff":
            raise
        raise MissingExtra(
            f"{package} is missing; install the extra: pip install '.[{extra}]'"
        ) from error


def summary(name: str) -> str:
    """Return a command's one-line help: the first line of its module, which is not imported."""
    package, _, module = COMMANDS[name].partition(":")[0].rpartition(".")
    source = resources.files(package).joinpath(f"{module}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


class Commands(TyperGroup):
    """The group of all commands: their help comes without an import, the chosen one is resolved."""

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002 # the library's form
        """Return the names in the registry's order."""
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | None:  # noqa: ARG002 # the library's form
        """Return a stand-in that has the help and nothing else."""
        return TyperCommand(cmd_name, help=summary(cmd_name)) if cmd_name in COMMANDS else None

    def resolve_command(
        self,
        ctx: Any,  # the context class is private to Typer
        args: list[str],
    ) -> tuple[str | None, TyperCommand | TyperGroup | None, list[str]]:
        """Return the real command that `args` begin with, and the other arguments."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, resolve(name) if name else None, rest
