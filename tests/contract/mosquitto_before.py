"""Mosquitto with the files of the releases before there were two doors: what an operator may still run."""

import shutil

from services.elders.credentials import hash_secret
from yian.servers import MosquittoServer
from yian.servers.passwords import write_password_file
from yian.servers.places import CHECKOUT

FILES = CHECKOUT / "tests" / "data" / "mosquitto_before"


class MosquittoBefore(MosquittoServer):
    """One door, one password file, and client ids as the clients like them."""

    def __init__(self, devices: dict[str, str]) -> None:
        super().__init__()
        self.inside_port = self.port
        self._devices = devices

    def prepare(self) -> None:
        super().prepare()
        users = {**self._devices, self.gateway_user: self.gateway_password}
        write_password_file(
            self.directory / "config" / "passwd", {user: hash_secret(secret) for user, secret in users.items()}
        )
        shutil.copyfile(FILES / "mosquitto.conf", self.directory / "mosquitto.conf")
        shutil.copyfile(FILES / "acl", self.directory / "config" / "acl")

    def listeners(self) -> str:
        own = super().listeners()
        return f"listener {self.port} 127.0.0.1\n" + ("user root\n" if "user root" in own else "")
