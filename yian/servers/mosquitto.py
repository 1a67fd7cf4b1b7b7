"""Eclipse Mosquitto with deploy/mosquitto/."""

import os
import re
import shutil
from collections.abc import Sequence

from yian.servers.mqtt import FILES, MqttServer
from yian.servers.places import program

_LISTENER = re.compile(r"^listener (\d+)$", flags=re.MULTILINE)


class MosquittoServer(MqttServer):
    name = "mosquitto"
    versions = "MQTT 5 and 3.1.1"

    def prepare(self) -> None:
        super().prepare()
        for folder in ("conf.d", "data"):
            (self.directory / folder).mkdir(exist_ok=True)
        shutil.copyfile(FILES / "mosquitto.conf", self.directory / "mosquitto.conf")
        (self.directory / "conf.d" / "listeners.conf").write_text(self.listeners())

    def listeners(self) -> str:
        """deploy/'s own listeners, on the ports of here."""
        ports = iter((self.port, self.inside_port))
        shipped = (FILES / "conf.d" / "listeners.conf").read_text()
        here = _LISTENER.sub(lambda _: f"listener {next(ports)} 127.0.0.1", shipped)
        if os.geteuid() == 0:
            here += "\nuser root\n"  # else it becomes the user mosquitto, who may not write below our directory
        return here

    def command(self) -> Sequence[str]:
        return [program("mosquitto", package="mosquitto"), "-c", "mosquitto.conf"]
