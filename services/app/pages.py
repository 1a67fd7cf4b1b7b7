"""The built pages. Browsers keep hashed files for a year, but not index.html, which every page address gets."""

from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

_FOREVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"
_NOT_PAGES = ("api/", "assets/")


class Pages(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or path.startswith(_NOT_PAGES) or PurePosixPath(path).suffix:
                raise
            response = await super().get_response("index.html", scope)  # the page's own router takes it from here
        hashed = path.startswith("assets/") and response.status_code < 400
        response.headers["Cache-Control"] = _FOREVER if hashed else _ASK_FIRST
        return response


def pages(web_dist: Path) -> ASGIApp | None:
    """None where nothing has been built."""
    if not (web_dist / "index.html").is_file():
        return None
    return GZipMiddleware(Pages(directory=web_dist, html=True), minimum_size=1024)
