"""A row of `make evaluate`, and the shared conversations that rows are measured on."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from handoff.cli.labelled import cases
from handoff.cli.output import Pace
from handoff.cli.reading import Recordings
from handoff.detection import Detector, Policy
from handoff.evaluation.gold import Case
from handoff.evaluation.judge import judge
from handoff.evaluation.replay import play
from handoff.evaluation.report import TIMES, Figures, figures

DATA = Path(__file__).parents[2] / os.environ.get("SHARED", "../shared") / "data"


@dataclass(frozen=True)
class Row:
    """One measure: what was found, what it should reach, and whether it does."""

    measure: str
    found: str
    bound: str
    met: bool


@dataclass(frozen=True)
class Data:
    """The conversations of a folder; each data set is read once."""

    folder: Path = DATA
    times: int = TIMES
    known: dict[str, list[Case]] = field(default_factory=dict)

    def cases(self, name: str) -> list[Case]:
        """Return the conversations of a data set with their gold."""
        if name not in self.known:
            paths = sorted(self.folder.glob(f"{name}-dev.jsonl*"))
            recordings = Recordings(paths, None, refuse)
            with Pace(name) as pace:
                self.known[name] = list(cases(recordings, pace))
        return self.known[name]

    def figures(self, name: str, policy: Policy) -> Figures:
        """Return the figures of a data set under a policy."""
        detector = Detector(policy)
        return figures(
            [judge(case, play(detector, case.conversation)) for case in self.cases(name)],
            times=self.times,
        )


def refuse(problem: str) -> None:
    """Stop at a line that cannot be read: figures of half the data are no figures."""
    raise AssertionError(problem)
