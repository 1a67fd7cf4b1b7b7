"""A socket for paho that reads 64 KiB at a time and writes once a turn of the loop.

paho reads one byte, another byte, then the rest of a packet, and sends each acknowledgement by itself. As system calls,
that would be most of the cost of a message.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

CONNECT_SECONDS = 5.0
RECEIVE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int
    tls: bool = False

    @classmethod
    def parse(cls, url: str) -> "Address":
        """`mqtt://host[:1883]` or `mqtts://host[:8883]`. :raises ValueError: for anything else."""
        parts = urlsplit(url)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise ValueError(f"MQTT address {url!r}: it must be mqtt://host:port or mqtts://host:port")
        tls = parts.scheme == "mqtts"
        return cls(parts.hostname, parts.port or (8883 if tls else 1883), tls)


async def open_socket(address: Address) -> "BufferedSocket":
    """Connects in a thread, so that a broker that does not answer does not stop the loop.

    :raises OSError:
    """
    return BufferedSocket(await asyncio.to_thread(_open, address))


def _open(address: Address) -> socket.socket:
    plain = socket.create_connection((address.host, address.port), CONNECT_SECONDS)
    # Nagle's algorithm would hold a receipt back for 40 ms.
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if not address.tls:
        return plain
    return ssl.create_default_context().wrap_socket(plain, server_hostname=address.host)


class BufferedSocket:
    """What paho calls a SocketLike; never blocks."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._in = b""
        self._pos = 0
        self._out = bytearray()
        self._error: OSError | None = None
        self._reading: Callable[[], Any] | None = None
        self._writing = False
        self._closed = False

    # what paho asks for

    def recv(self, size: int) -> bytes:
        """At most `size` bytes; none when the peer has closed. :raises BlockingIOError: when there is nothing yet."""
        if self._pos >= len(self._in):
            if self._error is not None:
                raise self._error
            self._in = self._sock.recv(RECEIVE_BYTES)
            self._pos = 0
        start = self._pos
        self._pos = min(start + size, len(self._in))
        return self._in[start : self._pos]

    def send(self, data: bytes | bytearray) -> int:
        self._out += data
        return len(data)

    def fileno(self) -> int:
        return self._sock.fileno()

    def setblocking(self, flag: bool) -> None:
        """Ignored: the socket never blocks."""

    def close(self) -> None:
        """Sends what has not been sent yet, if the system takes it."""
        if self._closed:
            return
        self.flush()
        self._closed = True
        self.stop_reading()
        if self._writing:
            self._loop.remove_writer(self._sock.fileno())
        self._sock.close()

    # what the connection asks for

    @property
    def has_more(self) -> bool:
        """Whether something has been received and not been asked for yet."""
        return self._pos < len(self._in) or (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0)

    def start_reading(self, readable: Callable[[], Any]) -> None:
        if not self._closed and self._reading is None:
            self._reading = readable
            self._loop.add_reader(self._sock.fileno(), readable)

    def stop_reading(self) -> None:
        if self._reading is not None:
            self._reading = None
            self._loop.remove_reader(self._sock.fileno())

    def flush(self) -> None:
        """Sends what was written; the rest when the system has room again. The next `recv` raises its error."""
        if not self._out or self._closed:
            return
        try:
            sent = self._sock.send(self._out)
            del self._out[:sent]
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            pass  # no room now: what was not sent stays in `_out`, and is sent when there is some
        except OSError as error:
            self._error = error
            self._out.clear()
            if self._reading is not None:
                self._loop.call_soon(self._reading)
        self._wait_for_room()

    def _wait_for_room(self) -> None:
        wanted = bool(self._out)
        if wanted and not self._writing:
            self._loop.add_writer(self._sock.fileno(), self.flush)
        elif not wanted and self._writing:
            self._loop.remove_writer(self._sock.fileno())
        self._writing = wanted
