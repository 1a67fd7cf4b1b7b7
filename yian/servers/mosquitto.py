"""Eclipse Mosquitto with deploy/mosquitto/."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence

from yian.servers.mqtt import FILES, MqttServer
from yian.servers.places import program
from yian.servers.process import ServerMissing

_VERSION = re.compile(r"mosquitto version (\d+)\.")
_LISTENER = re.compile(r"^listener (\d+)$", flags=re.MULTILINE)


def is_on_this_machine() -> bool:
    """Mosquitto 2 or newer: older ones know other settings."""
    try:
        words = [program("mosquitto", package="mosquitto"), "-h"]
        said = subprocess.run(words, capture_output=True, text=True, check=False, timeout=10).stdout
    except (ServerMissing, OSError, subprocess.TimeoutExpired):
        return False
    found = _VERSION.search(said)
    return found is not None and int(found[1]) >= 2


class MosquittoServer(MqttServer):
    name = "mosquitto"
    title = "Mosquitto"
    versions = "MQTT 5 and 3.1.1"
    listeners_folder = "conf.d"
    """Of deploy/mosquitto."""

    def prepare(self) -> None:
        super().prepare()
        for folder in ("conf.d", "data"):
            (self.directory / folder).mkdir(exist_ok=True)
        shutil.copyfile(FILES / "mosquitto.conf", self.directory / "mosquitto.conf")
        (self.directory / "conf.d" / "listeners.conf").write_text(self.listeners())

    def ports(self) -> Sequence[int]:
        """Of the listeners, in the order of their file."""
        return (self.port, self.inside_port)

    def listeners(self) -> str:
        """deploy/'s own listeners, on the ports of here."""
        ports = iter(self.ports())
        shipped = (FILES / self.listeners_folder / "listeners.conf").read_text()
        here = _LISTENER.sub(lambda _: f"listener {next(ports)} 127.0.0.1", shipped)
        if os.geteuid() == 0:
            here += "\nuser root\n"  # else it becomes the user mosquitto, who may not write below our directory
        return here

    def command(self) -> Sequence[str]:
        return [program("mosquitto", package="mosquitto"), "-c", "mosquitto.conf"]
