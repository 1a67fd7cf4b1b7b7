"""MQTT as an attacker speaks it: every byte as he likes it, in version 3.1.1 or 5."""

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import Self

V311, V5 = 4, 5
CONNACK, PUBLISH, PUBACK, PUBREC, SUBACK = 2, 3, 4, 5, 9


def word(value: int) -> bytes:
    return struct.pack("!H", value)


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return word(len(raw)) + raw


def packet(first: int, body: bytes) -> bytes:
    length, rest = bytearray(), len(body)
    while True:
        rest, byte = divmod(rest, 128)
        length.append(byte | (128 if rest else 0))
        if not rest:
            return bytes([first]) + bytes(length) + body


@dataclass(frozen=True)
class Will:
    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False
    delay_s: int = 0


def connect(
    version: int, client_id: str, user: str, secret: str, *, clean: bool = True, will: Will | None = None
) -> bytes:
    flags = 0xC0 | (2 if clean else 0)
    properties = b"\x05\x11" + struct.pack("!I", 300) if version == V5 else b""
    payload = text(client_id)
    if will is not None:
        flags |= 4 | will.qos << 3 | (0x20 if will.retain else 0)
        payload += (b"\x05\x18" + struct.pack("!I", will.delay_s)) if version == V5 else b""
        payload += text(will.topic) + text(will.payload)
    payload += text(user) + text(secret)
    return packet(0x10, text("MQTT") + bytes([version, flags]) + word(60) + properties + payload)


def subscribe(version: int, filters: list[str], qos: int = 1) -> bytes:
    none = b"\x00" if version == V5 else b""
    return packet(0x82, word(7) + none + b"".join(text(one) + bytes([qos]) for one in filters))


def publish(version: int, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False, alias: int = 0) -> bytes:
    properties = b"" if version == V311 else (b"\x03\x23" + word(alias) if alias else b"\x00")
    mid = word(9) if qos else b""
    return packet(0x30 | qos << 1 | int(retain), text(topic) + mid + properties + payload)


@dataclass
class RawClient:
    """One connection; a thread of its own notes what comes."""

    port: int
    version: int
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    """Packet type and body of everything that is no PUBLISH."""

    def __post_init__(self) -> None:
        self._came = threading.Condition()
        self._socket = socket.create_connection(("127.0.0.1", self.port), 5)
        self.closed = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, data: bytes) -> Self:
        with contextlib.suppress(OSError):  # the broker may have had enough of us
            self._socket.sendall(data)
        return self

    def answer(self, kind: int, within_s: float = 3.0) -> bytes | None:
        """The first packet of this kind that has come; None: none came, or the connection ended before."""
        with self._came:
            self._came.wait_for(lambda: self.closed.is_set() or self._first(kind) is not None, within_s)
            return self._first(kind)

    def hears(self, payload: bytes, within_s: float) -> bool:
        with self._came:
            return self._came.wait_for(lambda: any(body.endswith(payload) for _, body in self.heard), within_s)

    def _first(self, kind: int) -> bytes | None:
        return next((body for what, body in self.answers if what == kind), None)

    def let_in(self) -> bool:
        answer = self.answer(CONNACK)
        return answer is not None and answer[1] == 0

    def cut(self) -> None:
        """Gone without a goodbye."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _read(self) -> None:
        with contextlib.suppress(OSError, EOFError):
            while True:
                self._take(self._exactly(1)[0], self._exactly(self._length()))
        with self._came:
            self.closed.set()
            self._came.notify_all()

    def _take(self, first: int, body: bytes) -> None:
        with self._came:
            if first >> 4 == PUBLISH:
                length = struct.unpack("!H", body[:2])[0]
                if first & 6:
                    self._socket.sendall(packet(0x40, body[2 + length : 4 + length]))
                self.heard.append((body[2 : 2 + length].decode(errors="replace"), body))
            else:
                self.answers.append((first >> 4, body))
            self._came.notify_all()

    def _length(self) -> int:
        value = 0
        for place in range(4):
            byte = self._exactly(1)[0]
            value |= (byte & 127) << 7 * place
            if byte < 128:
                break
        return value

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._socket.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data
