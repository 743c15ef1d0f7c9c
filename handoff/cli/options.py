"""The options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from handoff.cli.layouts import Layout
from handoff.detection import Policy
from handoff.domain.errors import Invalid, PolicyInvalid

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE…", help="Recorded conversations: .jsonl, .jsonl.gz or .json."),
]
Format = Annotated[
    Layout | None,
    typer.Option("--format", help="The files' layout; found out where this is not given."),
]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help="The policy; the shipped one without it."),
]


def policy_text(path: Path) -> str:
    """Return the text of a policy file; raise Invalid where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(f"{path}: not UTF-8 text") from None
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}") from None


def load_policy(path: Path | None) -> Policy:
    """Return the policy in a file, else the shipped one; PolicyInvalid has `FILE:LINE: cause`."""
    if path is None:
        return Policy.default()
    try:
        return Policy.load(policy_text(path))
    except PolicyInvalid as error:
        raise PolicyInvalid([f"{path}:{problem}" for problem in error.problems]) from None
