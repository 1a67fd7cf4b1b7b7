"""What one run keeps below its data directory: secrets, credentials, the environment of its processes."""

import base64
import json
import os
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.elders.credentials import new_secret

_WORDS = "abcdefghjkmnpqrstuvwxyz23456789"  # no letters that look like digits: demo passwords are typed by hand


def write_private(path: Path, text: str) -> None:
    """Readable by the owner only, also while it is being written; replaced in one step."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


@dataclass(frozen=True, slots=True)
class DataDirectory:
    root: Path

    def make(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)

    def of(self, name: str) -> Path:
        return self.root / name

    @property
    def devices_file(self) -> Path:
        return self.root / "devices.json"

    @property
    def environment_file(self) -> Path:
        return self.root / "env"

    def add_devices(
        self, credentials: Mapping[str, str], homes: Mapping[str, tuple[float, float]] | None = None
    ) -> None:
        """What the simulator may use: device id to password; and where the bearer lives (lat, lon), where known."""
        known = self._devices()
        for device_id, secret in credentials.items():
            known[device_id] = {**known.get(device_id, {}), "secret": secret}
        for device_id, (lat, lon) in (homes or {}).items():
            if device_id in known:
                known[device_id] |= {"lat": lat, "lon": lon}
        write_private(self.devices_file, json.dumps(known, indent=0))

    def credentials(self, elsewhere: str | None = None) -> dict[str, str]:
        """Device id to password. `elsewhere`: of another file than the one here."""
        file = Path(elsewhere) if elsewhere else self.devices_file
        return {device_id: entry["secret"] for device_id, entry in self._devices(file).items()}

    def _devices(self, file: Path | None = None) -> dict[str, dict[str, Any]]:
        file = file or self.devices_file
        kept = json.loads(file.read_text()) if file.exists() else {}
        return {name: {"secret": entry} if isinstance(entry, str) else entry for name, entry in kept.items()}

    def write_environment(self, variables: Mapping[str, str]) -> None:
        """For the hand tools (`yian doctor`, `devices`, …), and for `set -a; . .yian/env`."""
        write_private(
            self.environment_file, "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items())
        )

    def read_environment(self) -> dict[str, str]:
        if not self.environment_file.exists():
            return {}
        pairs = (line.split("=", maxsplit=1) for line in self.environment_file.read_text().splitlines())
        return {name: "".join(shlex.split(value)) for name, value in pairs}


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made once, random; never printed but for the demo passwords."""

    secret_key: str
    gateway_password: str
    account_passwords: dict[str, str]

    @property
    def key(self) -> bytes:
        return base64.b64decode(self.secret_key)

    @classmethod
    def of(cls, data: DataDirectory, usernames: list[str]) -> "Secrets":
        path = data.of("secrets.json")
        kept = json.loads(path.read_text()) if path.exists() else {}
        accounts = kept.get("account_passwords", {})
        made = cls(
            secret_key=kept.get("secret_key") or base64.b64encode(secrets.token_bytes(32)).decode(),
            gateway_password=kept.get("gateway_password") or new_secret(),
            account_passwords={name: accounts.get(name) or demo_password() for name in usernames},
        )
        write_private(path, json.dumps(made.as_dict(), indent=1))
        return made

    def as_dict(self) -> dict[str, object]:
        return {
            "secret_key": self.secret_key,
            "gateway_password": self.gateway_password,
            "account_passwords": self.account_passwords,
        }


def demo_password() -> str:
    """Three groups of four, 59 bits: short enough to type."""
    return "-".join("".join(secrets.choice(_WORDS) for _ in range(4)) for _ in range(3))
