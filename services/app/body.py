"""How large a request's body may be: nobody needs to be signed in to send one."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.photos.model import MAX_BYTES
from services.sheets.model import MOST_BYTES as LARGEST_SHEET
from services.sheets.model import XLSX

MOST_BYTES = 256 * 1024


class BodyLimit:
    """413 as soon as it is known, without the rest. A picture or a sheet may be larger; its route then looks at it
    itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        most = _most(headers.get("content-type", ""))
        announced, received = headers.get("content-length", ""), 0

        async def receive_some() -> Message:
            nonlocal received
            if announced.isdecimal() and int(announced) > most:
                raise HTTPException(413)
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413)
            return message

        await self._app(scope, receive_some, send)


def _most(content_type: str) -> int:
    if content_type.startswith("image/"):
        return MAX_BYTES + 1
    return LARGEST_SHEET + 1 if content_type.startswith((XLSX, "text/csv")) else MOST_BYTES
