"""Where a command-line tool finds the platform: `YIAN_*` of its environment, else the city that `yian up` runs here."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from yian.up.city import DataDirectory
from yian.up.trouble import Trouble


@dataclass(frozen=True, slots=True)
class Surroundings:
    data: DataDirectory
    variables: Mapping[str, str]

    @classmethod
    def at(cls, data: Path) -> "Surroundings":
        directory = DataDirectory(data.resolve())
        kept = directory.read_environment()
        return cls(
            directory, {**kept, **{name: value for name, value in os.environ.items() if name.startswith("YIAN_")}}
        )

    @classmethod
    def here(cls) -> "Surroundings":
        return cls.at(Path(os.environ.get("YIAN_DATA", ".yian")))

    def offer(self, *names: str) -> None:
        """For a tool that reads only its environment: adds what is not set there."""
        for name in names:
            if value := self.get(name):
                os.environ.setdefault(name, value)

    def get(self, name: str) -> str | None:
        return self.variables.get(name) or None

    def need(self, name: str) -> str:
        """:raises Trouble: when it is not set anywhere."""
        value = self.get(name)
        if value is None:
            raise Trouble(f"{name} is not set, and no city has been started in {self.data.root}: set it, or `make up`.")
        return value

    @property
    def database(self) -> str:
        return self.need("YIAN_DATABASE")

    @property
    def bus(self) -> str:
        return self.need("YIAN_BUS")
