"""What Mosquitto and the embedded broker have in common: two listeners, and the files that say who may use each."""

import shutil
import signal
from collections.abc import Iterable, Mapping
from pathlib import Path

from services.elders.credentials import hash_secret, new_secret
from yian.servers.passwords import GATEWAY_USER, read_password_file, write_password_file
from yian.servers.places import DEPLOY
from yian.servers.ports import answers_tcp, free_port
from yian.servers.process import ServerProcess

FILES = DEPLOY / "mosquitto"
ACCESS_FILES = ("acl-devices", "acl-gateways")


def write_access_files(folder: Path) -> None:
    """What each may say and hear, by the rules of this release; readable by the owner only."""
    for name in ACCESS_FILES:
        shutil.copyfile(FILES / name, folder / name)
        (folder / name).chmod(0o600)


class MqttServer(ServerProcess):
    title, versions = "", ""
    """For people: what it is called, and which versions of MQTT it speaks."""

    def __init__(
        self,
        *,
        directory: Path | None = None,
        port: int | None = None,
        inside_port: int | None = None,
        gateway_password: str | None = None,
    ) -> None:
        """
        :param port: of the devices' door; `inside_port`: of the gateways'
        :param gateway_password: of the user `yian.gateway`; else a random one. Devices of an earlier run stay.
        """
        super().__init__(directory=directory, port=port)
        self.inside_port = inside_port or free_port()
        self.gateway_user = GATEWAY_USER
        self.gateway_password = gateway_password or new_secret()
        config = self.directory / "config"
        config.mkdir(exist_ok=True)
        self.password_file = config / "devices"
        self._write_gateway(config / "gateways")
        if not self.password_file.exists():
            write_password_file(self.password_file, {})

    def _write_gateway(self, file: Path) -> None:
        write_password_file(file, {self.gateway_user: hash_secret(self.gateway_password)})

    def change_gateway_password(self, password: str) -> None:
        """A running broker applies it at once."""
        self.gateway_password = password
        self._write_gateway(self.directory / "config" / "gateways")
        if self.running:
            self.signal(signal.SIGHUP)

    @property
    def address(self) -> str:
        """For devices."""
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def inside_address(self) -> str:
        """For gateways."""
        return f"mqtt://127.0.0.1:{self.inside_port}"

    def caution(self) -> str:
        """What is to be known of the release on this machine, for people; empty: nothing."""
        return ""

    def set_password_hashes(self, password_hashes: Mapping[str, str]) -> None:
        """Replace all devices (user name to `$7$…` hash). A running broker applies it at once and disconnects devices
        that are gone or have another password."""
        write_password_file(self.password_file, password_hashes)
        if self.running:
            self.signal(signal.SIGHUP)

    def add_devices(self, passwords: Mapping[str, str]) -> None:
        """Let these devices in too: device id to password."""
        known = read_password_file(self.password_file)
        new = {device: hash_secret(password) for device, password in passwords.items()}
        self.set_password_hashes({**known, **new})

    def knows(self, devices: Iterable[str]) -> bool:
        return set(devices) <= set(read_password_file(self.password_file))

    def prepare(self) -> None:
        write_access_files(self.directory / "config")

    def is_ready(self) -> bool:
        return answers_tcp(self.port) and answers_tcp(self.inside_port)
