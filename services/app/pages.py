"""The built pages. Browsers keep hashed files for a year, but not the document, which every page address gets: each
area's names what its pages load first."""

import json
from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

_FOREVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"
_NOT_PAGES = ("api/", "assets/")
_DOCUMENTS = "documents.json"
"""The beginning of an address → its document. Written when the pages are built."""


class Pages(StaticFiles):
    def __init__(self, web_dist: Path) -> None:
        super().__init__(directory=web_dist, html=True)
        known: dict[str, str] = json.loads(file.read_bytes()) if (file := web_dist / _DOCUMENTS).is_file() else {}
        self._documents = sorted(known.items(), key=lambda one: -len(one[0]))  # the longest beginning counts

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or path.startswith(_NOT_PAGES) or PurePosixPath(path).suffix:
                raise
            response = await super().get_response(self._document(path), scope)  # its router takes it from here
        hashed = path.startswith("assets/") and response.status_code < 400
        response.headers["Cache-Control"] = _FOREVER if hashed else _ASK_FIRST
        return response

    def _document(self, path: str) -> str:
        address = f"/{path}/"
        return next((name for begin, name in self._documents if address.startswith(f"{begin}/")), "index.html")


def pages(web_dist: Path) -> ASGIApp | None:
    """None where nothing has been built."""
    if not (web_dist / "index.html").is_file():
        return None
    return GZipMiddleware(Pages(web_dist), minimum_size=1024)
