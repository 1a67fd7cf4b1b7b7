"""Eclipse Mosquitto with deploy/mosquitto/."""

import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from services.elders.credentials import hash_secret, new_secret
from yian.servers.passwords import GATEWAY_USER, read_password_file, write_password_file
from yian.servers.places import DEPLOY, program
from yian.servers.ports import answers_tcp
from yian.servers.process import ServerProcess

FILES = DEPLOY / "mosquitto"


class MqttServer(ServerProcess):
    """What Mosquitto and the embedded broker have in common: an address, a password file, an ACL file."""

    def __init__(
        self, *, directory: Path | None = None, port: int | None = None, gateway_password: str | None = None
    ) -> None:
        """`gateway_password`: of the user `yian.gateway`; else a random one. Devices of an earlier run stay."""
        super().__init__(directory=directory, port=port)
        self.gateway_user = GATEWAY_USER
        self.gateway_password = gateway_password or new_secret()
        self.password_file = self.directory / "config" / "passwd"
        self.password_file.parent.mkdir(exist_ok=True)
        known = read_password_file(self.password_file) if self.password_file.exists() else {}
        self.set_password_hashes(known)

    @property
    def address(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def set_password_hashes(self, password_hashes: Mapping[str, str]) -> None:
        """Replace all devices (user name to `$7$…` hash). A running broker takes them at once and closes nobody."""
        gateway = {self.gateway_user: hash_secret(self.gateway_password)}
        write_password_file(self.password_file, {**password_hashes, **gateway})
        if self.running:
            self.signal(signal.SIGHUP)

    def add_devices(self, passwords: Mapping[str, str]) -> None:
        """Let these devices in too: device id to password."""
        known = read_password_file(self.password_file)
        new = {device: hash_secret(password) for device, password in passwords.items()}
        self.set_password_hashes({**known, **new})

    def is_ready(self) -> bool:
        return answers_tcp(self.port)


class MosquittoServer(MqttServer):
    name = "mosquitto"

    def prepare(self) -> None:
        for folder in ("config", "conf.d", "data"):
            (self.directory / folder).mkdir(exist_ok=True)
        shutil.copyfile(FILES / "mosquitto.conf", self.directory / "mosquitto.conf")
        acl = self.directory / "config" / "acl"
        shutil.copyfile(FILES / "acl", acl)
        acl.chmod(0o600)
        lines = [f"listener {self.port} 127.0.0.1"]
        if os.geteuid() == 0:
            lines.append("user root")  # else it becomes the user mosquitto, who may not write below our directory
        (self.directory / "conf.d" / "listener.conf").write_text("\n".join(lines) + "\n")

    def command(self) -> Sequence[str]:
        return [program("mosquitto", package="mosquitto"), "-c", "mosquitto.conf"]
