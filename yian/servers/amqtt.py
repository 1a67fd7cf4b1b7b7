"""The embedded MQTT broker (amqtt) in a process of its own: for trying out, nothing to install."""

import sys
from collections.abc import Sequence

from yian.servers.mqtt import MqttServer


class AmqttServer(MqttServer):
    name = "amqtt"
    title = "MQTT broker (embedded)"
    versions = "MQTT 3.1.1 only"

    def command(self) -> Sequence[str]:
        where = [str(self.port), str(self.inside_port), str(self.directory / "config")]
        return [sys.executable, "-m", "yian.servers.amqtt_broker", *where]
