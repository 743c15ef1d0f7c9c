"""Replay recordings under a policy and show how it differs from another."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from handoff.cli.differences import comparison_record, comparison_table, differing_table
from handoff.cli.labelled import cases
from handoff.cli.options import Files, Format, load_policy
from handoff.cli.output import Pace, complain, emit
from handoff.cli.reading import Recordings
from handoff.detection import Detector
from handoff.domain.errors import Invalid
from handoff.evaluation.compare import compare

CONFIGURED: Final = "HANDOFF_POLICY_FILE"
"""The service's setting: the policy that is compared with if none is named."""
SHOWN: Final = 20
"""Differing conversations that are listed; JSON has every one."""
WIDTH: Final = 160
"""Columns of the tables where there is no terminal."""


def replay(
    policy: Annotated[Path, typer.Argument(metavar="POLICY", help="The policy to try (YAML).")],
    files: Files,
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="POLICY2",
            envvar=CONFIGURED,
            help="The policy to compare with; without it the settings' or the shipped one.",
        ),
    ] = None,
    layout: Format = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> int:
    """Show what a policy would have escalated, when and why, and what it changes.

    Only the first escalation of a conversation counts as earlier, later, new or gone; every turn
    after which something else would have been done is told too. Precision and recall stand where
    the files carry labels or outcomes. Exits with 1 if a line had to be skipped.
    """
    new, old = Detector(load_policy(policy)), Detector(load_policy(against))
    recordings = Recordings(files, layout, complain)
    with Pace("replay") as pace:
        found = list(compare(cases(recordings, pace), old, new))
    if not found:
        raise Invalid("no conversation could be read")
    labels = old.policy.label, new.policy.label
    if as_json:
        emit([comparison_record(found, *labels)])
        return 1 if recordings.skipped else 0
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    differing = [one for one in found if one.differs]
    console.print(f"{labels[1]} against {labels[0]}", markup=False, highlight=False)
    console.print(comparison_table(found))
    if differing:
        console.print(differing_table(differing[:SHOWN]))
    rest = len(differing) - SHOWN
    if rest > 0:
        console.print(f"… and {rest:,} more conversations that differ; --json has them all")
    return 1 if recordings.skipped else 0
