"""The types of the gateway's MQTT side: a message received, how a gateway identifies itself, what can fail."""

from dataclasses import dataclass

import msgspec
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

V5 = MQTTProtocolVersion.MQTTv5
V311 = MQTTProtocolVersion.MQTTv311
FOR_EVER = 0xFFFF_FFFF
"""As the expiry of a session (MQTT 5, 3.1.2.11.2)."""
UNSUPPORTED_VERSION = 0x84
"""The reason code of a broker that does not speak the version of the CONNECT."""


class Publish(msgspec.Struct, frozen=True, gc=False):
    """A message as it came."""

    topic: str
    payload: bytes
    mid: int
    """0 for QoS 0, which is not acknowledged."""
    retained: bool


class ConnectionLost(Exception):
    """The connection ended. What was sent last may or may not have arrived."""


class NotUnderstood(ConnectionLost):
    """It ended because the peer does not speak our version of MQTT; a 3.1.1 broker answers MQTT 5 in 3.1.1."""


class Refused(Exception):
    """The broker refuses this; the reason code (MQTT 5's, whatever the version) says why."""

    def __init__(self, what: str, reason: ReasonCode) -> None:
        super().__init__(f"{what} refused: {reason} ({reason.value:#04x})")
        self.code: int = reason.value


@dataclass(frozen=True, slots=True)
class Terms:
    """How a gateway presents itself to a broker. Times in seconds."""

    client_id: str
    username: str | None = None
    password: str | None = None
    keep_alive: int = 10
    session_expiry: int = 60
    receive_maximum: int = 1_000


@dataclass(frozen=True, slots=True)
class Opened:
    session_present: bool
    shares: bool
    """Whether the broker knows shared subscriptions; MQTT 3.1.1 knows none."""
