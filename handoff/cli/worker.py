"""Run a worker: it delivers, fires timers and writes stories beside `handoff serve`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from handoff.bootstrap import load_settings
from handoff.cli.serve import SWITCH_S
from handoff.logs import set_up
from handoff.worker import work


def worker(
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the database.")
    ] = None,
) -> int:
    """Work until told to stop; start as many as are needed, with the settings of the service.

    SIGTERM and Control-C let what is being sent come to its end; the rest is left to other workers.
    """
    sys.setswitchinterval(SWITCH_S)
    settings = load_settings(data_dir=data)
    set_up(settings.log_format)
    typer.echo("handoff worker starts", err=True)
    work(settings)
    return 0
