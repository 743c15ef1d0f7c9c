"""Bring a database's tables to this version of the program, from an installed wheel as well."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run every revision up to one that the database has not had, inside the transaction."""
    found = revision(connection)
    if found == newest() or (to != "head" and to not in {name for name, _ in to_come(found)}):
        return
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def revision(connection: Connection) -> str | None:
    """Return the revision that the database is at, None if it has no tables yet."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the revision that this program works with."""
    return _scripts().get_current_head()


def known(revision: str) -> bool:
    """Tell whether this program has a revision: a newer one's it has not."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def to_come(revision: str | None) -> tuple[tuple[str, str], ...]:
    """Return the revisions after one, oldest first, each with what it does."""
    scripts = _scripts().iterate_revisions("head", revision or "base")
    after = [(script.revision, script.doc) for script in scripts if script.revision != revision]
    return tuple(reversed(after))


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "handoff.store:migrations")
    return config
