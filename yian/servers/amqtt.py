"""The embedded MQTT broker (amqtt) in a process of its own: for trying out, nothing to install."""

import shutil
import sys
from collections.abc import Sequence

from yian.servers.mosquitto import FILES, MqttServer


class AmqttServer(MqttServer):
    name = "amqtt"

    def prepare(self) -> None:
        shutil.copyfile(FILES / "acl", self.directory / "config" / "acl")

    def command(self) -> Sequence[str]:
        where = [str(self.port), str(self.password_file), str(self.directory / "config" / "acl")]
        return [sys.executable, "-m", "yian.servers.amqtt_broker", *where]
