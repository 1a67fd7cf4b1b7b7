"""paho on a socket that is connected already, and what only its MQTT 5 needs."""

import struct
from collections.abc import Callable, Sequence
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest_gateway.decode.binary_mode import structured
from ingest_gateway.mqtt.model import V5, Publish, Terms
from ingest_gateway.mqtt.properties import length_at, user_properties
from ingest_gateway.mqtt.socket import BufferedSocket

MAX_PACKET_BYTES = 512 * 1024
_puback = struct.Struct("!BBH").pack
_short, _two_bytes = struct.Struct("!H").unpack_from, struct.Struct("!H").pack
_expiry = struct.Struct("!BBI").pack
"""The length of the properties, the identifier of this one, and its seconds."""


def _length(size: int) -> bytes:
    """A variable byte integer: seven bits a byte, the lowest first (MQTT 5, 1.5.5)."""
    said = bytearray()
    while size > 0x7F:
        said.append(size & 0x7F | 0x80)
        size >>= 7
    said.append(size)
    return bytes(said)


def _with_properties(topic: str, packet: bytearray, start: int) -> bytes:
    length, start = length_at(packet, start)
    payload = bytes(packet[start + length :])
    properties = user_properties(packet, start, start + length)
    return structured(topic, payload, properties) if properties else payload


class Paho(Client):
    def __init__(
        self,
        sock: BufferedSocket,
        version: MQTTProtocolVersion,
        client_id: str,
        on_heard: Callable[[Publish], None],
        on_sent: Callable[[int, int], None],
    ) -> None:
        """:param on_sent: called with the packet id of a message that the broker has, and its reason code"""
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=None if version == V5 else False,
            protocol=version,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        self._given = sock
        self._on_heard, self._on_sent = on_heard, on_sent

    def _create_socket(self) -> Any:
        return self._given

    def _handle_publish(self) -> MQTTErrorCode:
        """Handles a publish of QoS 1 or 0; there is no subscription to more. paho's own code takes all properties
        apart, builds a log line that nobody reads, and matches the topic against filters, of which there are none here:
        most of the cost of a message, and a reference cycle for each (at 7,000 a second a garbage collection of 100 ms
        every other second). Bytes that are not MQTT end in whatever exception they cause."""
        command, packet = self._in_packet["command"], self._in_packet["packet"]
        start = 2 + _short(packet)[0]
        topic, mid = packet[2:start].decode(errors="replace"), 0
        if command & 0x06:
            mid, start = _short(packet, start)[0], start + 2
        if self.protocol != V5:
            payload = bytes(packet[start:])
        elif packet[start] == 0:  # no properties
            payload = bytes(packet[start + 1 :])
        else:
            payload = _with_properties(topic, packet, start)
        self._on_heard(Publish(topic, payload, mid, command & 0x01 == 1))
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def say_hello(self, terms: Terms) -> None:
        """Continues the session of this client id, if there is one."""
        self.username_pw_set(terms.username, terms.password)
        if self.protocol != V5:
            self.connect("broker", 1, terms.keep_alive)
            return
        properties: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = terms.session_expiry
        properties.ReceiveMaximum = terms.receive_maximum
        properties.MaximumPacketSize = MAX_PACKET_BYTES
        self.connect("broker", 1, terms.keep_alive, clean_start=False, properties=properties)

    def say_goodbye(self, *, for_good: bool) -> None:
        """:param for_good: ends the session too, which only MQTT 5 can say"""
        if not for_good or self.protocol != V5:
            self.disconnect()
            return
        properties: Any = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = 0
        self.disconnect(properties=properties)

    def send(self, topic: str, payload: bytes, expiry_seconds: int | None) -> int:
        """QoS 1, sent with the next flush. Returns the packet id. Only MQTT 5 can carry the expiry.

        paho creates a lock and a condition for each message, for threads that would wait for it. We have none.
        """
        mid, name, properties = self._mid_generate(), topic.encode(), b""
        if self.protocol == V5:
            properties = b"\0" if expiry_seconds is None else _expiry(5, 2, expiry_seconds)
        body = b"".join((_two_bytes(len(name)), name, _two_bytes(mid), properties, payload))
        self._given.send(b"\x32" + _length(len(body)) + body)
        return mid

    def _handle_pubackcomp(self, cmd: Any) -> MQTTErrorCode:
        """The broker has a message that was sent. Without a reason code it is 0, success (MQTT 5, 3.4.2.1)."""
        packet = self._in_packet["packet"]
        reason = packet[2] if self.protocol == V5 and len(packet) > 2 else 0
        self._on_sent(_short(packet)[0], reason)
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def acknowledge(self, mids: Sequence[int]) -> None:
        """PUBACK, the same in both versions, sent with the next flush. paho would pack, queue, lock and log each one
        separately: an eighth of what a message costs the gateway."""
        self._given.send(b"".join([_puback(0x40, 2, mid) for mid in mids]))

    def ping(self) -> None:
        self._send_pingreq()
