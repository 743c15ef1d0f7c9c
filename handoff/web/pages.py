"""Turn a page's context into an answer: one frozen dataclass per template, and strict headers."""

from dataclasses import dataclass, field, fields
from typing import ClassVar

from starlette.responses import HTMLResponse

from handoff.templating import render_template
from handoff.web.assets import addresses

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: under it a browser sends `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a page's own content."""

    title: str
    name: str | None = None
    """Who is logged in."""
    csrf: str = ""
    places: tuple[Place, ...] = ()
    styles: tuple[str, ...] = field(default_factory=lambda: addresses(".css"))
    scripts: tuple[str, ...] = field(default_factory=lambda: addresses(".js"))
    icons: tuple[str, ...] = field(default_factory=lambda: addresses(".svg"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything a template is given. A subclass names its template and has no field it lacks."""

    template: ClassVar[str]
    frame: Frame


def shown(page: Page, status: int = 200) -> HTMLResponse:
    """Return the page as an answer."""
    context = {one.name: getattr(page, one.name) for one in fields(page)}
    return HTMLResponse(render_template(page.template, context), status, HEADERS)
