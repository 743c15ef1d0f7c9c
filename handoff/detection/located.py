"""Reads YAML so that every mistake can be pointed at: plain data, and the line of each part."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

import yaml
from pydantic import JsonValue

from handoff.domain.errors import PolicyInvalid

Path = tuple[str | int, ...]
MAX_SIZE: Final = 500_000
MAX_DEPTH: Final = 30
MAX_NODES: Final = 50_000


class _Loader(yaml.SafeLoader):
    """SafeLoader with YAML 1.2's booleans: `on` and `no` are words (`mode: on`)."""

    yaml_implicit_resolvers: Final = {  # type: ignore[misc] # a class attribute of the library
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if tag not in {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"}
            or (tag.endswith("bool") and first in "tfTF")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass
class Located:
    """Plain data with the line of every path in it, and what was wrong with the text itself."""

    data: JsonValue = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Return the line of `path`, or of the nearest part that holds it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def report(self, path: Path, cause: str) -> None:
        """Add a problem at `path`."""
        self.problems.append(f"{self.line(path)}: {cause}")


def read(text: str) -> Located:
    """Return the located data of a YAML text; raises PolicyInvalid where it is not YAML at all."""
    if len(text) > MAX_SIZE:
        raise PolicyInvalid([f"1: the policy is longer than {MAX_SIZE:,} characters"])
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise PolicyInvalid([f"{line}: not YAML: {error.problem or error.context}"]) from None
    except yaml.YAMLError as error:
        raise PolicyInvalid([f"1: not YAML: {str(error).splitlines()[0]}"]) from None
    except (RecursionError, ValueError):
        raise PolicyInvalid(["1: not YAML: nested too deeply or an impossible value"]) from None
    if node is None:
        raise PolicyInvalid(["1: the policy is empty"])
    located = Located()
    located.data = _Walk(loader, located).value(node, ())
    return located


class _Walk:
    """Turns nodes into data, noting lines; repeated keys and odd values become problems."""

    def __init__(self, loader: _Loader, located: Located) -> None:
        self._loader = loader
        self._located = located
        self._nodes = 0

    def value(self, node: yaml.Node, path: Path) -> JsonValue:
        self._located.lines.setdefault(path, node.start_mark.line + 1)
        self._nodes += 1
        if len(path) > MAX_DEPTH or self._nodes > MAX_NODES:
            raise PolicyInvalid([f"{node.start_mark.line + 1}: nested too deeply or too large"])
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, at)) for at, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, JsonValue]:
        data: dict[str, JsonValue] = {}
        for key, value in node.value:
            name = self._key(key)
            line = key.start_mark.line + 1
            if name in data:
                first = self._located.lines[(*path, name)]
                self._located.problems.append(
                    f"{line}: `{name}` is given twice (first on line {first})"
                )
                continue
            self._located.lines[(*path, name)] = line
            data[name] = self.value(value, (*path, name))
        return data

    def _key(self, node: yaml.Node) -> str:
        return node.value if isinstance(node, yaml.ScalarNode) else "(a key that is no word)"

    def _scalar(self, node: yaml.Node, path: Path) -> JsonValue:
        try:
            value: Hashable = self._loader.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            self._located.report(path, f"cannot be read: {str(error).splitlines()[0]}")
            return None
        return value if isinstance(value, str | int | float | bool) else None
