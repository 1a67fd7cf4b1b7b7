"""Eclipse Mosquitto with deploy/mosquitto/."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from yian.servers.mqtt import FILES, MqttServer
from yian.servers.places import program
from yian.servers.process import ServerMissing

_VERSION = re.compile(r"mosquitto version (\d+)\.(\d+)\.(\d+)")
_PLUGIN = re.compile(r"^plugin .*\n", flags=re.MULTILINE)
_LISTENER = re.compile(r"^listener (\d+)$", flags=re.MULTILINE)


COMPILER = "cc"
SOUND = (2, 1, 0)
"""Older ones keep the sessions of absent devices badly: see `is_sound`."""


def is_on_this_machine() -> bool:
    """Mosquitto 2 or newer: older ones know other settings."""
    return (version_here() or (0,)) >= (2,)


def is_sound(version: tuple[int, ...]) -> bool:
    """Whether credentials may change while devices are absent.

    Before 2.1.0 Mosquitto may count an absent device's session twice when it reads its password files again; when that
    device comes back, it goes on using memory that it has freed, and sooner or later crashes (decision 15).
    """
    return version >= SOUND


def version_here() -> tuple[int, ...] | None:
    """Of this machine's Mosquitto, (2, 0, 11) for example; None where there is none that runs."""
    try:
        words = [program("mosquitto", package="mosquitto"), "-h"]
        said = subprocess.run(words, capture_output=True, text=True, check=False, timeout=10).stdout
    except (ServerMissing, OSError, subprocess.TimeoutExpired):
        return None
    return version_in(said)


def build_door(folder: Path) -> bool:
    """door.so in `folder`, from deploy/. False: there is no compiler, or none that can."""
    words = [COMPILER, "-O2", "-shared", "-fPIC", "-o", str(folder / "door.so"), str(FILES / "door" / "door.c")]
    try:
        subprocess.run(words, check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def version_in(said: str) -> tuple[int, ...] | None:
    """Of a text in which Mosquitto names itself."""
    found = _VERSION.search(said)
    return tuple(int(part) for part in found.groups()) if found else None


class MosquittoServer(MqttServer):
    name = "mosquitto"
    title = "Mosquitto"
    versions = "MQTT 5 and 3.1.1"
    listeners_folder = "conf.d"
    """Of deploy/mosquitto."""
    _has_door = False

    def prepare(self) -> None:
        super().prepare()
        for folder in ("conf.d", "data", "door"):
            (self.directory / folder).mkdir(exist_ok=True)
        shutil.copyfile(FILES / "mosquitto.conf", self.directory / "mosquitto.conf")
        listeners = self.listeners()
        self._has_door = build_door(self.directory / "door")
        if not self._has_door:
            listeners = _PLUGIN.sub("", listeners)
        (self.directory / "conf.d" / "listeners.conf").write_text(listeners)

    def caution(self) -> str:
        said, version = [], version_here()
        if version is not None and not is_sound(version):
            name = ".".join(str(part) for part in version)
            said.append(f"Mosquitto {name} is fit for trying out; a city needs 2.1 or newer.")
        if not self._has_door:
            said.append(f"The plugin of its devices' door could not be built ({COMPILER}): nothing limits one device.")
        return " ".join([*said, "See docs/decisions/0015."]) if said else ""

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
