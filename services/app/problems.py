"""Every refusal and every fault as problem+json (RFC 9457); on a WebSocket, a close code."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.websockets import WebSocket

from services.app.languages import detail_in, language
from services.errors import DomainError, problem

MEDIA_TYPE = "application/problem+json"
WEBSOCKET_CODE_BASE = 4000
"""A WebSocket refused with HTTP status 401 is closed with 4401."""

log = structlog.get_logger()


class Problem(BaseModel):
    """What every answer of 400 and above carries."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str = Field(description="stable; programs decide by it")
    detail: str | None = None
    errors: list[dict[str, Any]] | None = Field(default=None, description="fields that will not do: `loc` and `msg`")


DOCUMENTED: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status, text in {
        400: "The request cannot be read",
        401: "Nobody is signed in",
        403: "Not allowed, or the CSRF token is missing",
        404: "Not there, or not yours to see",
        409: "Not possible in this state",
        412: "Changed since you read it",
        413: "Larger than may be",
        422: "A field will not do",
        429: "Too many attempts",
        503: "A part does not answer; try again",
    }.items()
}


def _answer(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(body, status_code=status, headers=headers, media_type=MEDIA_TYPE)


async def _refused(connection: HTTPConnection, error: Exception) -> JSONResponse | None:
    assert isinstance(error, DomainError)
    if isinstance(connection, WebSocket):
        await connection.accept()
        await connection.close(WEBSOCKET_CODE_BASE + error.status, reason=error.code)
        return None
    body, headers = problem(error), error.headers()
    wanted = language(connection.headers.get("accept-language", ""))
    if wanted and (detail := detail_in(wanted, body)):
        body, headers = body | {"detail": detail}, headers | {"Content-Language": wanted, "Vary": "Accept-Language"}
    return _answer(error.status, body, headers)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    unreadable = any(one["type"] == "json_invalid" for one in error.errors())
    status = 400 if unreadable else 422
    body = {
        "type": "urn:yian:request.invalid",
        "title": "The body is not JSON" if unreadable else "A field will not do",
        "status": status,
        "code": "request.invalid",
        # what was sent is not repeated: it may be personal
        "errors": [{"loc": list(one["loc"]), "msg": one["msg"]} for one in error.errors()],
    }
    return _answer(status, body)


async def _plain(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "request.method_not_allowed", 413: "request.too_large"}.get(
        error.status_code, "request.refused"
    )
    body = {"type": f"urn:yian:{code}", "title": error.detail, "status": error.status_code, "code": code}
    return _answer(error.status_code, body, dict(error.headers or {}))


async def _fault(request: Request, error: Exception) -> JSONResponse:
    log.error("request_failed", method=request.method, path=request.url.path, error=type(error).__name__)
    title = "Something is wrong on our side; it has been recorded"
    return _answer(500, {"type": "urn:yian:internal", "title": title, "status": 500, "code": "internal"})


def answer_problems(app: FastAPI) -> None:
    app.add_exception_handler(DomainError, _refused)  # type: ignore[arg-type]  # WebSockets come here as well
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(Exception, _fault)
