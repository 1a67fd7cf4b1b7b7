"""What anybody may send before it is known who they are."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import nullcontext, suppress

import pytest
import pytest_asyncio
import uvicorn
from starlette.types import Receive, Scope, Send

from backbone.http import LONGEST_HEAD, BoundedHttp

PIECE = b"x" * 16_384
FAR_MORE = 64 * LONGEST_HEAD


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"%d" % len(body)})


@pytest_asyncio.fixture
async def port() -> AsyncIterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(_echo, http=BoundedHttp, lifespan="off", log_config=None, access_log=False, loop="none")
    )
    server.capture_signals = nullcontext  # type: ignore[method-assign]
    running = asyncio.create_task(server.serve(sockets=[listening]))
    yield listening.getsockname()[1]
    server.should_exit = True
    await running


async def _sent(port: int, begin: bytes, *, endless: bool) -> tuple[bytes, int]:
    """(what was answered, bytes that could be sent)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent = len(begin)
    writer.write(begin)
    with suppress(ConnectionError):
        while endless and sent < FAR_MORE and not reader.at_eof():
            writer.write(PIECE)
            await writer.drain()
            sent += len(PIECE)
            await asyncio.sleep(0)
    answer = b""
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(10):
            answer = await reader.read()
    writer.close()
    return answer, sent


@pytest.mark.parametrize(
    "begin",
    [b"GET /", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nCookie: ", b"GET / HTTP/1.1\r\nHost: a\r\n"],
)
async def test_a_head_without_an_end_is_refused_and_not_kept(port: int, begin: bytes) -> None:
    answer, sent = await _sent(port, begin, endless=True)
    assert sent < FAR_MORE
    assert answer == b"" or answer.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))
    served, _ = await _sent(port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", endless=False)
    assert served.startswith(b"HTTP/1.1 200 ")


async def test_many_headers_of_which_each_is_short_are_refused_too(port: int) -> None:
    lines = b"".join(b"x-%d: %s\r\n" % (n, b"y" * 100) for n in range(4 * LONGEST_HEAD // 100))
    answer, _ = await _sent(port, b"GET / HTTP/1.1\r\nHost: a\r\n" + lines, endless=False)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")  # what is still on its way takes the answer with it


async def test_a_trailer_without_an_end_is_cut_off(port: int) -> None:
    begin = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nx-late: "
    _, sent = await _sent(port, begin, endless=True)
    assert sent < FAR_MORE


async def test_a_body_is_as_long_as_the_application_lets_it_be_in_chunks_of_a_byte_too(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    plain, _ = await _sent(port, head + b"Content-Length: 1000000\r\n\r\n" + b"x" * 1_000_000, endless=False)
    assert b"\r\n1000000\r\n" in plain
    bytewise = b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n"
    chunked, _ = await _sent(port, head + b"Transfer-Encoding: chunked\r\n\r\n" + bytewise, endless=False)
    assert b"\r\n100000\r\n" in chunked
