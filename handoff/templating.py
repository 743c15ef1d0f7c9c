"""Make the template environments: each escapes every value for its target, by itself."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

import jinja2
import re2

_HERE = Path(__file__).parent
_UNSEEN = re2.compile(
    r"[\x00-\x08\x0B-\x1F\x7F-\x9F\x{200B}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}\x{FFF9}-\x{FFFB}\x{E0000}-\x{E007F}]"
)
"""Controls, invisible characters and those that reorder text; joiners that scripts need stay."""
_MARKDOWN = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>#|~&$"})
_BARE_LINK = re2.compile(r"(?i)(www|mailto)([.:])")
_LINE_MARK = re2.compile(r"^(\d{0,9})([-+=.)])(\s|$|[-=])")


def visible(value: object) -> object:
    """Return a value with what cannot be seen, or reorders what is seen, taken out of its text."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    if value.isascii() and value.isprintable():
        return value
    encodable = value.encode("utf-8", "replace").decode("utf-8")
    seen: str = _UNSEEN.sub("", encodable)
    return seen


def one_line(value: object) -> str:
    """Return a value as one line of plain text."""
    return " ".join(str(visible(value)).split())


def markdown(value: object) -> str:
    """Return a value as one line of Markdown that formats nothing, wherever in a line it stands."""
    escaped = one_line(value).translate(_MARKDOWN).replace("://", "\\://")
    unlinked: str = _BARE_LINK.sub(r"\1\\\2", escaped)
    unmarked: str = _LINE_MARK.sub(r"\1\\\2\3", unlinked)
    return unmarked


_TARGETS: Mapping[str, Callable[[object], object]] = {
    "html": visible,
    "md": markdown,
    "txt": one_line,
}


def template_folder() -> Path:
    """Return where templates are: inside the installed package, else beside it in the checkout."""
    installed = _HERE / "_templates"
    return installed if installed.is_dir() else _HERE.parent / "templates"


@lru_cache(maxsize=len(_TARGETS))
def environment(target: str) -> jinja2.Environment:
    """Return the environment of a target (`html`, `md`, `txt`); an unknown name is an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_folder()),
        autoescape=target == "html",  # noqa: S701 – the other targets escape in `finalize`
        undefined=jinja2.StrictUndefined,
        finalize=_TARGETS[target],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def render_template(name: str, context: Mapping[str, object]) -> str:
    """Return a template rendered, escaped for the target its file name ends with (`card.html`)."""
    return environment(name.rpartition(".")[2]).get_template(name).render(context)
