"""A process with the program loaded, which forks services, workers and commands as it is told.

Starting Python and reading the program takes a second; a fork takes hundredths. What runs in the
child is the real command with its real arguments. Lines of JSON come in on stdin, go out on stdout.
"""

import ctypes
import gc
import json
import os
import signal
import sys
import tempfile
import threading
import time
from importlib import import_module
from pathlib import Path
from select import select
from typing import Any

from tests.faults.bugs import plant

PROGRAM = (
    "handoff.bootstrap",
    "handoff.cli.main",
    "handoff.cli.serve",
    "handoff.cli.worker",
    "handoff.cli.audit",
    "handoff.cli.keys",
    "handoff.jobs.listener",
    "handoff.jobs.hints",
    "handoff.store.postgres",
    "connectors.webhook",
    "connectors.outbox_dir",
    "psycopg",
    "uvloop",
    "httptools",
    "uvicorn.lifespan.on",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.dialects.postgresql.psycopg",
)
DIE_WITH_PARENT = 1
LOOK_S = 0.005


def main() -> None:
    """Fork what is asked for until nobody asks any more, then end the children that are left."""
    for name in PROGRAM:
        import_module(name)
    _warm()
    gc.freeze()
    assert threading.active_count() == 1, "a fork must not lose a thread"
    children: dict[int, int] = {}
    pending = b""
    while True:
        ready, _, _ = select([0], [], [], LOOK_S if children else None)
        if ready:
            told = os.read(0, 65_536)
            if not told:
                break
            *lines, pending = (pending + told).split(b"\n")
            for line in lines:
                _do(json.loads(line), children)
        _bury(children)
    for process in children.values():
        os.kill(process, signal.SIGKILL)


def _warm() -> None:
    """Compile what every service compiles, by putting one together and taking it apart again."""
    bootstrap = sys.modules["handoff.bootstrap"]
    with tempfile.TemporaryDirectory() as folder:
        service = bootstrap.build(bootstrap.Settings(data_dir=Path(folder), semantic=False))
        service.start()
        service.stop()
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(10)


def _do(told: dict[str, Any], children: dict[int, int]) -> None:
    number = told["number"]
    if "signal" in told:  # a child that is not buried yet cannot have given its id to another
        if number in children:
            os.kill(children[number], told["signal"])
        return
    process = os.fork()
    if process == 0:
        _live(told)
    children[number] = process
    _say(born=number, process=process)


def _bury(children: dict[int, int]) -> None:
    for number, process in list(children.items()):
        dead, status = os.waitpid(process, os.WNOHANG)
        if dead:
            del children[number]
            _say(died=number, code=os.waitstatus_to_exitcode(status))


def _live(told: dict[str, Any]) -> None:
    """Be the command; never returns."""
    code = 1
    try:
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(told["env"])
        log = os.open(told["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        out = os.open(told["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(log, 2)
        os.chdir(Path(told["log"]).parent)
        for name in told["plants"]:
            plant(name)
        code = sys.modules["handoff.cli.main"].run(told["command"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _say(**told: int) -> None:
    os.write(1, json.dumps({**told, "at": time.time()}).encode() + b"\n")


if __name__ == "__main__":
    main()
