"""Learn a policy's score from labelled recordings, and say what it gained."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, cast

import typer
import yaml
from rich.console import Console

from handoff.cli.labelled import cases
from handoff.cli.options import Files, Format, PolicyFile, load_policy, policy_text
from handoff.cli.output import Pace, complain, emit
from handoff.cli.reading import Recordings
from handoff.cli.registry import attribute_of
from handoff.detection import Policy
from handoff.detection.document import Learned
from handoff.detection.policy import default_text
from handoff.domain.errors import Invalid
from handoff.domain.turn import Role
from handoff.evaluation.gold import Case
from handoff.evaluation.labels import Label, label_by, label_of

LEARN: Final = "handoff.evaluation.learning:learn"
EXTRA: Final = "learn"
SECTION: Final = "learned:"
"""With which the learned part of a policy file begins."""


def learn(
    files: Files,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The policy file to write.")],
    policy: PolicyFile = None,
    label: Annotated[
        str | None,
        typer.Option(
            metavar="CEL",
            help="What is true, over `outcome label turn job source attributes`; without it by "
            "`source`, else `outcome.handed_off`.",
        ),
    ] = None,
    reads: Annotated[
        list[Role] | None, typer.Option(help="Whose turns are judged, with --label.")
    ] = None,
    layout: Format = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> int:
    """Fit the score to how past conversations ended, per job where there are enough of them.

    Looks at intents, roles, slots, tools, counters, signals and hashed words; works with intents
    alone. Validated by grouped cross-validation, then written as plain numbers beside the rest of
    the policy. Exits with 1 if a line had to be skipped.
    """
    fit = attribute_of(LEARN, EXTRA)
    if out.is_dir() or not out.parent.is_dir():
        raise Invalid(f"{out} is no file that can be written")
    base = load_policy(policy)
    recordings = Recordings(files, layout, complain)
    with Pace("read") as pace:
        known = list(cases(recordings, pace))
    wanted = label_by(label, tuple(reads or [Role.CUSTOMER])) if label else _by_source(known)
    today = datetime.now(UTC).date()  # noqa: TID251 # the day a person ran it, for the file
    with Console(stderr=True).status("learning") as status:
        made = cast("Policy", fit(known, base, wanted, today, tell=status.update))
    found = made.document.learned
    if found is None:
        raise Invalid("nothing was learned")
    text = written(policy_text(policy) if policy else default_text(), found)
    Policy.load(text)  # what cannot be read back is not handed out
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Invalid(f"{out}: {error.strerror}") from None
    if as_json:
        jobs = list(found.jobs)
        emit([{"file": str(out), "label": found.label, "gained": found.gained, "jobs": [*jobs]}])
    else:
        typer.echo(f"{found.label}: {found.gained}")
        typer.echo(f"wrote {out}: {made.label}, {len(text) // 1000} KB")
    return 1 if recordings.skipped else 0


def written(text: str, found: Learned) -> str:
    """Return a policy file with what was learned at its end, in the place of what was before."""
    kept = _without(text)
    data = {"learned": found.model_dump(mode="json", exclude_defaults=True)}
    return f"{kept}\n\n{yaml.dump(data, Dumper=yaml.CSafeDumper, sort_keys=False, width=100)}"


def _without(text: str) -> str:
    """Return a policy file without its learned part: what follows that may be a person's own."""
    kept: list[str] = []
    inside = False
    for line in text.splitlines():
        if line.strip() and not line[0].isspace():
            inside = line.startswith(SECTION)
        if not inside:
            kept.append(line)
    return "\n".join(kept).rstrip()


def _by_source(known: Sequence[Case]) -> Label:
    """Return the label of the recordings' one source; raises Invalid where they differ."""
    labels = {label_of(case.source).says: label_of(case.source) for case in known}
    if len(labels) > 1:
        raise Invalid("the files are of sources with different labels: learn one, or give --label")
    if not labels:
        raise Invalid("no conversation could be read")
    return next(iter(labels.values()))
