"""One MQTT connection, from CONNECT to its end: paho on the process's own loop.

It is never reused: what was received on it is acknowledged on it or not at all, so that a packet id of an old
connection cannot acknowledge a message of a new one.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from backbone.log import describe
from ingest_gateway.mqtt.model import V5, ConnectionLost, NotUnderstood, Opened, Publish, Refused, Terms
from ingest_gateway.mqtt.paho import Paho
from ingest_gateway.mqtt.socket import BufferedSocket

SENDS_AT_ONCE = 1_000
"""Unacknowledged by the broker, where it states no lower limit of its own."""
PROTOCOL_ERROR = "Protocol error"
PACKETS_A_TURN = 64
"""After so many messages the loop may do something else before the rest."""

_Unsent = tuple[str, bytes, int | None, "asyncio.Future[int] | None"]
"""(topic, payload, expiry in seconds, future of the caller who waits)"""
OnMessages = Callable[["MqttConnection", list[Publish]], None]


class MqttConnection:
    def __init__(
        self, version: MQTTProtocolVersion, terms: Terms, sock: BufferedSocket, on_messages: OnMessages
    ) -> None:
        self.version = version
        self._terms = terms
        self._on_messages = on_messages
        self._loop = asyncio.get_running_loop()
        self._socket = sock
        self._received: list[Publish] = []
        self._paused = False
        self._flushing = False
        self._opened: asyncio.Future[Opened] = self._loop.create_future()
        self._subscribing: dict[int | None, asyncio.Future[list[ReasonCode]]] = {}
        self._unsubscribing: dict[int | None, asyncio.Future[None]] = {}
        self._sent: dict[int, asyncio.Future[int] | None] = {}
        self._unsent: deque[_Unsent] = deque()
        self._send_limit = SENDS_AT_ONCE
        self.lost: asyncio.Future[str] = self._loop.create_future()
        """Set when the connection has ended, to the reason."""
        self._paho = Paho(sock, version, terms.client_id, self._received.append, self._on_sent)
        self._watch = self._loop.call_later(1.0, self._look)
        self._connect()

    def _connect(self) -> None:
        paho = self._paho
        paho.on_connect, paho.on_disconnect = self._on_connect, self._on_disconnect
        paho.on_subscribe, paho.on_unsubscribe = self._on_subscribe, self._on_unsubscribe
        paho.on_socket_register_write = self._on_write_wanted
        paho.say_hello(self._terms)
        self._socket.start_reading(self._read)

    # what a gateway asks for

    async def opened(self) -> Opened:
        """:raises Refused: by the broker. :raises ConnectionLost: before it said anything."""
        return await self._opened

    async def subscribe(self, filters: Sequence[str]) -> None:
        """QoS 1. :raises Refused: when the broker does not grant it for one of them."""
        # The retain flag of a delivered message then tells retained messages from new ones.
        options: Any = [(text, SubscribeOptions(qos=1) if self.version == V5 else 1) for text in filters]
        _, mid = self._paho.subscribe(options)
        answer = self._subscribing[mid] = self._loop.create_future()
        try:
            for topic_filter, reason in zip(filters, await answer, strict=False):
                if reason.value != 1:
                    raise Refused(f"subscription to {topic_filter}", reason)
        finally:
            del self._subscribing[mid]

    def unsubscribe(self, filters: Sequence[str]) -> "asyncio.Future[None]":
        """Also of what an earlier connection of the session has subscribed to. Done when the broker has done it."""
        _, mid = self._paho.unsubscribe(list(filters))
        done = self._unsubscribing[mid] = self._loop.create_future()
        return done

    def publish(self, topic: str, payload: bytes, *, expiry_seconds: int | None = None) -> "asyncio.Future[int]":
        """The broker's reason code once it has the message (QoS 1). :raises ConnectionLost: in the future."""
        done: asyncio.Future[int] = self._loop.create_future()
        if self.lost.done():
            _fail(done, ConnectionLost(self.lost.result()))
        else:
            self._unsent.append((topic, payload, expiry_seconds, done))
            self._send_waiting()
        return done

    def publish_unwatched(self, topic: str, payload: bytes) -> None:
        """Like publish, for messages that are sent again anyway if they are lost."""
        if not self.lost.done():
            self._unsent.append((topic, payload, None, None))
            self._send_waiting()

    def _send_waiting(self) -> None:
        """Publishes no more at once than the broker allows unacknowledged; paho ignores that limit."""
        while self._unsent and len(self._sent) < self._send_limit:
            topic, payload, expiry_seconds, done = self._unsent.popleft()
            self._sent[self._paho.send(topic, payload, expiry_seconds)] = done
            self._on_write_wanted()

    def acknowledge(self, mids: Sequence[int]) -> None:
        """Has no effect once the connection has ended: the broker will deliver those messages again."""
        if not self.lost.done():
            self._paho.acknowledge(mids)
            self._on_write_wanted()

    def pause(self) -> None:
        """Take nothing more from the socket."""
        self._paused = True
        self._socket.stop_reading()

    def resume(self) -> None:
        if self._paused and not self.lost.done():
            self._paused = False
            self._socket.start_reading(self._read)
            self._loop.call_soon(self._read)

    def say_goodbye(self, *, for_good: bool = False) -> None:
        """:param for_good: the broker need not keep the session"""
        if not self.lost.done():
            self._paho.say_goodbye(for_good=for_good)
            self._flush()
            self._end("we closed the connection")

    # the loop's turns

    def _read(self) -> None:
        """Reads what has arrived, at most a turn's worth; then makes one call with all messages of it."""
        try:
            for _ in range(PACKETS_A_TURN):
                if self._paused or self.lost.done():
                    break
                if self._paho.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS:
                    self._end("the broker closed the connection")
                    break
                if not self._socket.has_more:
                    break
            else:
                self._loop.call_soon(self._read)
        except Exception as error:
            # For bytes that are not MQTT paho raises whatever exception they happen to cause.
            self._end(f"malformed: {describe(error)}", NotUnderstood)
        if self._received:
            messages = self._received[:]
            self._received.clear()
            self._on_messages(self, messages)

    def _on_write_wanted(self, *_: Any) -> None:
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        """Sends everything that was written in this turn together."""
        self._flushing = False
        if not self.lost.done():
            self._paho.loop_write()
            self._socket.flush()

    def _look(self) -> None:
        """Once a second: sends keep-alives, and notices when the broker no longer answers."""
        self._watch = self._loop.call_later(1.0, self._look)
        if self._paused:
            # The answer waits unread with all else, so paho must not wait for it.
            self._paho.ping()
        else:
            self._paho.loop_misc()

    # what paho tells

    def _on_connect(self, _client: Client, _data: Any, flags: Any, reason: ReasonCode, properties: Any) -> None:
        if reason.is_failure:
            if not self._opened.done():
                self._opened.set_exception(Refused("CONNECT", reason))
                self._opened.exception()
            return
        self._send_limit = min(getattr(properties, "ReceiveMaximum", SENDS_AT_ONCE), SENDS_AT_ONCE)
        if not self._opened.done():
            shares = self.version == V5 and getattr(properties, "SharedSubscriptionAvailable", 1) == 1
            self._opened.set_result(Opened(flags.session_present, shares))

    def _on_disconnect(self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        self._end(f"disconnected: {reason}", NotUnderstood if reason == PROTOCOL_ERROR else ConnectionLost)

    def _on_subscribe(self, _client: Client, _data: Any, mid: int, reasons: list[ReasonCode], _properties: Any) -> None:
        answer = self._subscribing.get(mid)
        if answer is not None and not answer.done():
            answer.set_result(reasons)

    def _on_unsubscribe(self, _client: Client, _data: Any, mid: int, *_: Any) -> None:
        done = self._unsubscribing.pop(mid, None)
        if done is not None and not done.done():
            done.set_result(None)

    def _on_sent(self, mid: int, reason: int) -> None:
        done = self._sent.pop(mid, None)
        if done is not None and not done.done():
            done.set_result(reason)
        self._send_waiting()

    def _end(self, reason: str, kind: type[ConnectionLost] = ConnectionLost) -> None:
        """Called once: whoever waits for something on this connection is told that it will not come."""
        if self.lost.done():
            return
        self.lost.set_result(reason)
        self._watch.cancel()
        self._socket.close()
        waiting: list[asyncio.Future[Any] | None] = [self._opened, *self._subscribing.values(), *self._sent.values()]
        waiting += self._unsubscribing.values()
        waiting += [done for *_, done in self._unsent]
        self._sent.clear()
        self._unsent.clear()
        for future in waiting:
            if future is not None and not future.done():
                _fail(future, kind(reason))


def _fail(future: "asyncio.Future[Any]", error: ConnectionLost) -> None:
    future.set_exception(error)
    future.exception()  # whoever waits is told; nobody need wait
