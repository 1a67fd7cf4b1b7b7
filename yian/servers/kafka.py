"""Apache Kafka 4.1 in KRaft mode, one process, from Maven's jars with deploy/kafka/."""

import base64
import fcntl
import shutil
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path

from yian.servers.places import DEPLOY, program
from yian.servers.ports import answers_tcp, free_port
from yian.servers.process import ServerError, ServerProcess

FILES = DEPLOY / "kafka"
JARS = FILES / "target" / "dependency"
_COMPLETE = FILES / "target" / "complete"
_JVM = (
    "-Xmx512m", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
    "-XX:TieredStopAtLevel=1", "-XX:CICompilerCount=1", "-XX:CompileThresholdScaling=0.25",
)  # fmt: skip
"""Compiled once, early, and on one core at a time. On two cores the better code of the second compiler comes late, and
making it costs more than it saves (18 µs a message of telemetry with it, 14 without); two compilers at once took both
cores from an alarm for 2 to 4 ms, and on a quiet night long after the start: what runs seldom is compiled late."""
_PLACE_KEYS = ("listeners=", "advertised.listeners=", "controller.quorum.voters=", "log.dirs=")


class KafkaServer(ServerProcess):
    name = "kafka"

    def __init__(self, *, directory: Path | None = None, port: int | None = None) -> None:
        super().__init__(directory=directory, port=port)
        self._controller_port = free_port()

    @property
    def address(self) -> str:
        return f"kafka://{self.bootstrap}"

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def _properties(self) -> Path:
        return self.directory / "server.properties"

    def prepare(self) -> None:
        fetch_jars()
        self._properties.write_text(self._settings())
        if not (self.directory / "data" / "meta.properties").exists():
            self._format()

    def _settings(self) -> str:
        kept = [
            line for line in (FILES / "server.properties").read_text().splitlines() if not line.startswith(_PLACE_KEYS)
        ]
        here = [
            f"listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self._controller_port}",
            f"advertised.listeners=PLAINTEXT://127.0.0.1:{self.port}",
            f"controller.quorum.voters=1@127.0.0.1:{self._controller_port}",
            f"log.dirs={self.directory / 'data'}",
        ]
        return "\n".join([*kept, *here]) + "\n"

    def _format(self) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        chosen = [f"--cluster-id={cluster}", f"--config={self._properties}"]
        words = [*_java(), "-Xmx128m", "kafka.tools.StorageTool", "format", *chosen]
        made = subprocess.run(words, cwd=self.directory, capture_output=True, text=True, check=False)
        if made.returncode:
            raise ServerError(
                f"Kafka's data directory could not be formatted: {(made.stderr or made.stdout).strip()[-300:]}"
            )

    def command(self) -> Sequence[str]:
        return [*_java(), *_JVM, "kafka.Kafka", str(self._properties)]

    def is_ready(self) -> bool:
        return "Kafka Server started" in self.log_since_start() and answers_tcp(self.port)


def _java() -> list[str]:
    java = program("java", package="default-jre-headless")
    return [java, "-cp", f"{JARS}/*", f"-Dlog4j2.configurationFile={FILES / 'log4j2.properties'}"]


def fetch_jars() -> None:
    """Maven copies the jars of pom.xml, once. Several processes may ask at the same time."""
    pom = FILES / "pom.xml"
    if _COMPLETE.exists() and _COMPLETE.read_text() == pom.read_text():
        return
    maven = program("mvn", package="maven")
    (FILES / "target").mkdir(exist_ok=True)
    with (FILES / "target" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _COMPLETE.exists() and _COMPLETE.read_text() == pom.read_text():
            return
        shutil.rmtree(JARS, ignore_errors=True)
        words = [maven, "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
        made = subprocess.run(words, capture_output=True, text=True, check=False)
        if made.returncode:
            raise ServerError(f"Maven could not fetch Kafka: {(made.stdout + made.stderr).strip()[-300:]}")
        _COMPLETE.write_text(pom.read_text())
