"""What a lane has received but not acknowledged, and the limit on it. Beyond the limit nothing more is read from the
socket."""

from prometheus_client import Gauge

from ingest_gateway.mqtt.connection import MqttConnection
from ingest_gateway.mqtt.model import Publish

MESSAGES = Gauge("yian_gateway_held_messages", "received and not yet acknowledged", ["lane"])
BYTES = Gauge("yian_gateway_held_bytes", "received and not yet acknowledged", ["lane"])


class Held:
    """The broker's receive maximum bounds the messages already (MQTT 5); this bounds bytes too, and 3.1.1 brokers."""

    def __init__(self, lane: str, *, max_messages: int, max_bytes: int) -> None:
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self.taken = 0
        """Messages, since the start."""
        self.messages = 0
        self.bytes = 0
        self._paused: set[MqttConnection] = set()
        MESSAGES.labels(lane).set_function(lambda: self.messages)
        BYTES.labels(lane).set_function(lambda: self.bytes)

    def take(self, connection: MqttConnection, messages: list[Publish]) -> int:
        """Adds their bytes and returns them, to be subtracted later."""
        size = sum([len(message.payload) for message in messages])
        self.taken += len(messages)
        self.messages += len(messages)
        self.bytes += size
        if self.messages > self._max_messages or self.bytes > self._max_bytes:
            connection.pause()
            self._paused.add(connection)
        return size

    def give_back(self, messages: int, size: int) -> None:
        self.messages -= messages
        self.bytes -= size
        if self._paused and self.messages <= self._max_messages and self.bytes <= self._max_bytes:
            for connection in self._paused:
                connection.resume()
            self._paused.clear()
