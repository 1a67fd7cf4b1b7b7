"""How a photo comes in and goes out."""

import asyncio
from typing import Annotated, Any

from fastapi import Header, Query, Request, Response

from services.errors import NotFound
from services.photos.model import MAX_BYTES, MEDIA_TYPE, Kept, Photo, PhotoTooLarge
from services.photos.picture import read_photo

READ_AT_ONCE = 2
"""Decoding a picture takes memory and a core, so others wait."""

FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"the file itself, at most {MAX_BYTES // 1024 // 1024} MiB",
        "content": {f"image/{kind}": {"schema": {"type": "string", "format": "binary"}} for kind in ("jpeg", "png")}
        | {"image/webp": {"schema": {"type": "string", "format": "binary"}}},
    }
}
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}, "description": "The photo"},
    304: {"description": "You have it"},
}

Digest = Annotated[str | None, Query(max_length=64, description="as in `photo_url`; not looked at")]
IfNoneMatch = Annotated[str | None, Header(max_length=200)]


class Darkroom:
    """Where photos are made; one for the whole process."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(READ_AT_ONCE)

    async def photo(self, request: Request) -> Photo:
        """:raises PhotoTooLarge: :raises BadPhoto:"""
        file = await _bounded(request)
        async with self._slots:
            return await asyncio.to_thread(read_photo, file)


def shown(kept: Kept | None, if_none_match: str | None) -> Response:
    """Asked for each time, so whoever may no longer see the photo no longer sees it. :raises NotFound: there is none"""
    if kept is None:
        raise NotFound
    headers = {
        "ETag": f'"{kept.digest}"',
        "Cache-Control": "private, no-cache",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(kept.jpeg, media_type=MEDIA_TYPE, headers=headers)


async def _bounded(request: Request) -> bytes:
    """:raises PhotoTooLarge: as soon as it is known, without the rest"""
    file = bytearray()
    async for part in request.stream():
        file += part
        if len(file) > MAX_BYTES:
            raise PhotoTooLarge
    return bytes(file)
