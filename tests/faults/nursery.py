"""Starts services, workers and commands by forking a process that has the program loaded."""

import json
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread
from typing import IO

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
"""Seconds: on a machine with much else to do, reading the program alone may take thirty."""


@dataclass
class Child:
    """One process; ended and watched through the one that forked it, so never by a stale id."""

    nursery: "Nursery"
    number: int
    process: int = 0
    code: int | None = None
    """Its exit code once it ended; the negative signal that killed it."""
    told: list[signal.Signals] = field(default_factory=list)
    """The signals that we sent."""

    def send(self, which: signal.Signals) -> None:
        """Send it a signal."""
        self.told.append(which)
        self.nursery.say(number=self.number, signal=int(which))

    def wait(self, patience: float = PATIENCE) -> int:
        """Return its exit code; raise AssertionError if it goes on for too long."""
        with self.nursery.changed:
            ended = self.nursery.changed.wait_for(lambda: self.code is not None, patience)
        assert ended, f"process {self.process} goes on after {patience:g} s"
        assert self.code is not None
        return self.code

    def kill(self) -> None:
        """Kill it and wait for its end; nothing happens if it ended already."""
        self.send(signal.SIGKILL)
        self.wait()

    @property
    def alive(self) -> bool:
        """Tell whether it goes on."""
        return self.code is None

    @property
    def died_at_a_point(self) -> bool:
        """Tell whether it killed itself where it was told to, not we it."""
        return self.code == -signal.SIGKILL and signal.SIGKILL not in self.told


class Nursery:
    """The forking process, while used as a context."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self.changed = Condition()
        self._children: list[Child] = []

    def __enter__(self) -> "Nursery":
        """Load the program."""
        self._cradle = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.cradle"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        assert self._cradle.stdin is not None
        assert self._cradle.stdout is not None
        self._in = self._cradle.stdin
        self._reader = Thread(target=self._read, args=(self._cradle.stdout,), daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it with every child that is left."""
        self._in.close()
        self._cradle.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert self._cradle.stdout is not None
        self._cradle.stdout.close()

    def fork(
        self,
        command: list[str],
        env: dict[str, str],
        folder: Path,
        plants: tuple[str, ...] = (),
    ) -> Child:
        """Return a process that runs a command of the program, with its log in a folder."""
        with self.changed:
            child = Child(self, len(self._children))
            self._children.append(child)
        self.say(
            number=child.number,
            command=command,
            env=env,
            log=str(folder / "log"),
            out=str(folder / f"out-{child.number}"),
            plants=plants,
        )
        with self.changed:
            born = self.changed.wait_for(lambda: child.process != 0, PATIENCE)
        assert born, "the cradle does not answer"
        return child

    def run(self, command: list[str], env: dict[str, str], folder: Path) -> str:
        """Return what a command printed; raise AssertionError if it failed."""
        child = self.fork(command, env, folder)
        code = child.wait(60)
        assert code == 0, (folder / "log").read_text()[-2_000:]
        return (folder / f"out-{child.number}").read_text()

    def say(self, **told: object) -> None:
        """Write one line to the cradle."""
        line = json.dumps(told).encode() + b"\n"
        with self.changed:
            self._in.write(line)
            self._in.flush()

    def _read(self, stream: IO[bytes]) -> None:
        for line in stream:
            told = json.loads(line)
            with self.changed:
                if "born" in told:
                    self._children[told["born"]].process = told["process"]
                else:
                    self._children[told["died"]].code = told["code"]
                self.changed.notify_all()
