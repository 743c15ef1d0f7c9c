"""Serve the pages' style, script and icon, to be kept for ever: what changes moves."""

from fastapi import APIRouter
from starlette.responses import Response

from handoff.domain.errors import NotFound
from handoff.web.assets import assets
from handoff.web.errors import PageRoute

HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/static/{digest}/{name}")
def serve(digest: str, name: str) -> Response:
    """Return an asset at its present address; raise NotFound for an older one."""
    asset = assets().get(name)
    if asset is None or asset.path != f"/static/{digest}/{name}":
        raise NotFound("there is no such file")
    return Response(asset.body, headers=HEADERS, media_type=asset.media_type)
