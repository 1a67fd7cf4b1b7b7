"""Consoles have a process of their own, so that no case on its way to a screen waits until an order has been answered.

Browsers know one address. So the process of the pages accepts every connection, and hands a console's on: its socket
and the request that opened it, over a Unix socket between the two. When one of them ends, so does the other.
"""

import asyncio
import socket
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from backbone.http import LONGEST_HEAD
from services.app.factory import API

_ASKED = f"GET {API}/console/feed".encode()
_LONGEST = 4 * LONGEST_HEAD
"""More than the head of any request that is read here, and what arrived with its last bytes."""


def two_ends() -> tuple[socket.socket, socket.socket]:
    """Each message is one connection."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in ends:
        end.setblocking(False)
    return ends


def handing(to: socket.socket) -> type[asyncio.Protocol]:
    """What uvicorn is to make of a request for a WebSocket: it is served here, or handed on if a console asks."""

    class Handing(WebSocketsSansIOProtocol):
        def data_received(self, data: bytes) -> None:
            if self.handshake_initiated or not _is_a_console(data):
                super().data_received(data)
                return
            with suppress(OSError):  # so many at once that some have to come again
                socket.send_fds(to, [data], [self.transport.get_extra_info("socket").fileno()])
            self.transport.abort()  # closes it here only

    return Handing


def _is_a_console(request: bytes) -> bool:
    return request.startswith((_ASKED + b" ", _ASKED + b"?"))


class PagesServer(uvicorn.Server):
    """Accepts all connections."""

    def __init__(self, config: uvicorn.Config, consoles: socket.socket) -> None:
        super().__init__(config)
        self._consoles = consoles
        self.left_alone = False
        """The process of consoles has ended before this one."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        asyncio.get_running_loop().add_reader(self._consoles, self._hear)

    def _hear(self) -> None:
        """Nothing is ever said here, so it is the end."""
        self._let_go()
        self.left_alone = self.should_exit = True

    def _let_go(self) -> None:
        asyncio.get_running_loop().remove_reader(self._consoles)
        self._consoles.close()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if not self.left_alone:
            self._let_go()  # so that both end at the same time
        await super().shutdown(sockets)


class ConsoleServer(uvicorn.Server):
    """Serves the connections it is given."""

    def __init__(self, config: uvicorn.Config, pages: socket.socket) -> None:
        super().__init__(config)
        self._pages = pages
        self._beginning: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])
        asyncio.get_running_loop().add_reader(self._pages, self._take)

    def _take(self) -> None:
        request, handles, _, _ = socket.recv_fds(self._pages, _LONGEST, 1)
        if not handles:
            asyncio.get_running_loop().remove_reader(self._pages)
            self.should_exit = True
            return
        task = asyncio.create_task(self._begin(socket.socket(fileno=handles[0]), request))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    async def _begin(self, given: socket.socket, request: bytes) -> None:
        with suppress(OSError):  # it has gone meanwhile
            _, protocol = await asyncio.get_running_loop().connect_accepted_socket(self._protocol, given)
            protocol.data_received(request)

    def _protocol(self) -> Any:
        return WebSocketsSansIOProtocol(self.config, self.server_state, self.lifespan.state)
