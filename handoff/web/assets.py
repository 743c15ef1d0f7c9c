"""The pages' own style, script and icon: each at an address that changes with its content."""

import hashlib
from dataclasses import dataclass
from functools import cache

from handoff.templating import template_folder

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of ours and where browsers find it."""

    path: str
    body: bytes
    media_type: str


@cache
def assets() -> dict[str, Asset]:
    """Return file name to asset, in the order of their names."""
    return {
        file.name: _asset(file.name, file.read_bytes(), MEDIA_TYPES[file.suffix])
        for file in sorted((template_folder() / "static").iterdir())
        if file.suffix in MEDIA_TYPES
    }


def addresses(suffix: str) -> tuple[str, ...]:
    """Return where the assets with a suffix are found."""
    return tuple(asset.path for name, asset in assets().items() if name.endswith(suffix))


def _asset(name: str, body: bytes, media_type: str) -> Asset:
    digest = hashlib.sha256(body).hexdigest()[:16]
    return Asset(f"/static/{digest}/{name}", body, media_type)
