"""The rules of migrations: a revision only adds, so that the version before can go on working."""

import ast
from importlib import import_module, resources

import pytest

VERSIONS = sorted(
    entry.name.removesuffix(".py")
    for entry in resources.files("handoff.store.migrations.versions").iterdir()
    if entry.name[0].isdigit()
)
TAKES_AWAY = {
    "drop_table",
    "drop_column",
    "drop_constraint",
    "rename_table",
    "alter_column",
    "batch_alter_table",
}


def calls(name: str) -> list[ast.Call]:
    """Return the calls in a revision's file."""
    file = resources.files("handoff.store.migrations.versions").joinpath(f"{name}.py")
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def called(call: ast.Call) -> str:
    """Return the last name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


@pytest.mark.parametrize("name", VERSIONS)
def test_a_revision_takes_nothing_away_unless_it_says_so(name: str) -> None:
    """`contracts` names what no running version uses any more; everything else only expands."""
    module = import_module(f"handoff.store.migrations.versions.{name}")
    taken = sorted({called(call) for call in calls(name)} & TAKES_AWAY)

    assert not taken or getattr(module, "contracts", ""), taken


@pytest.mark.parametrize("name", VERSIONS)
def test_an_added_column_lets_earlier_versions_write(name: str) -> None:
    """They do not know it: it may be empty, or the database fills it."""
    for call in calls(name):
        if called(call) != "add_column":
            continue
        column = call.args[1]
        assert isinstance(column, ast.Call)
        told = {keyword.arg: ast.unparse(keyword.value) for keyword in column.keywords}
        assert told.get("nullable") != "False" or "server_default" in told, ast.unparse(call)


@pytest.mark.parametrize("name", VERSIONS)
def test_a_new_table_gets_its_wall(name: str) -> None:
    """Revisions after 0005 call `wall` for the tables that they make."""
    makes = any(called(call) == "create_table" for call in calls(name))
    walls = any(ast.unparse(call.func) == "wall" for call in calls(name))

    assert not makes or walls or name < "0005"


def test_revisions_follow_each_other() -> None:
    """One line, numbered in its order."""
    numbers = [name.partition("_")[0] for name in VERSIONS]
    modules = [import_module(f"handoff.store.migrations.versions.{name}") for name in VERSIONS]

    assert [module.revision for module in modules] == numbers
    assert [module.down_revision for module in modules] == [None, *numbers[:-1]]
