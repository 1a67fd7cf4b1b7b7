"""Looks at the bytes of an MQTT connection before amqtt reads them: which version does the client speak, and does it
send more at once than is allowed?

amqtt knows only 3.1.1. On the CONNECT of MQTT 5, which is longer, it waits for ever. A client that is told at once that
its version is not supported tries the older one.
"""

import asyncio
from typing import Any

from amqtt.adapters import StreamReaderAdapter

_CONNECT = 0x10
_LONGEST_LENGTH = 4
_LOOK_AGAIN_S = 0.005
V5 = 5
CONNACK_UNSUPPORTED_V5 = bytes([0x20, 0x03, 0x00, 0x84, 0x00])
MAX_PACKET_BYTES = 262_144
"""As deploy/mosquitto/mosquitto.conf has it."""


class FirstPacket(StreamReaderAdapter):
    """Reads like the stream itself, also what was looked at already; ends where a packet is too large, and waits while
    too much of what was read has not been dealt with."""

    def __init__(self, stream: asyncio.StreamReader, dealt_out: "asyncio.Queue[Any]", backlog: int) -> None:
        """:param dealt_out: everybody's messages, on their way to those who listen"""
        super().__init__(stream)
        self._stream = stream
        self._queues = [dealt_out]
        self._backlog = backlog
        self._looked_at = b""
        self._ended = False

    async def version(self) -> int | None:
        """None: it is no CONNECT. :raises asyncio.IncompleteReadError: when the client hangs up."""
        head = await self._look(1)
        if head[0] != _CONNECT:
            return None
        for _ in range(_LONGEST_LENGTH):
            if (await self._look(1))[0] < 0x80:
                break
        name_length = int.from_bytes(await self._look(2), "big")
        await self._look(name_length)
        return (await self._look(1))[0]

    async def _look(self, count: int) -> bytes:
        more = await self._stream.readexactly(count)
        self._looked_at += more
        return more

    def watch(self, taken: "asyncio.Queue[Any]") -> None:
        """This client's own messages, not looked at yet."""
        self._queues.append(taken)

    async def read(self, n: int = -1) -> bytes:
        while any(queue.qsize() > self._backlog for queue in self._queues):  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_AGAIN_S)
        if n > MAX_PACKET_BYTES:
            self._ended = True
        if self._ended:
            return b""
        if n < 0 or not self._looked_at:
            kept, self._looked_at = self._looked_at, b""
            return kept + bytes(await super().read(n))
        kept, self._looked_at = self._looked_at[:n], self._looked_at[n:]
        rest = n - len(kept)
        return kept + (await self._stream.readexactly(rest) if rest else b"")
