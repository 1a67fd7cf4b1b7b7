"""The servers under everything else: they start, die, come back with their data, and leave nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from services.db.pool import Database
from yian.servers import KafkaServer, MosquittoServer, PostgresServer, ServerError, free_port
from yian.servers.outside import forget_outside, make_outside, outside_of

pytestmark = pytest.mark.real
KEEPALIVE = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")  # seconds, seconds, count, ms


def wait_until(condition: Callable[[], bool], *, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_postgres_keeps_what_was_committed_before_a_sigkill() -> None:
    with PostgresServer() as server:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (what text)")
            connection.execute("INSERT INTO kept VALUES ('this')")
        server.kill()
        server.restart()
        with psycopg.connect(server.dsn) as connection:
            assert connection.execute("SELECT what FROM kept").fetchall() == [("this",)]


@pytest.mark.parametrize("name", ["short", "long" * 30, "with a blank", "颐安", "50%, or 'so'"])
def test_postgres_works_below_a_directory_that_only_we_may_enter(tmp_path: Path, name: str) -> None:
    tmp_path.chmod(0o700)
    with PostgresServer(directory=tmp_path / name / "pg") as server, psycopg.connect(server.dsn) as connection:
        assert connection.execute("SELECT current_setting('server_encoding')").fetchone() == ("UTF8",)
        assert all(step.stat().st_mode & 0o077 == 0 for step in (server.data, server.socket_directory))
    forget_outside(server.directory)
    assert not outside_of(server.directory).exists()


def test_a_folder_that_somebody_else_put_outside_for_us_is_refused(tmp_path: Path) -> None:
    place = outside_of(tmp_path)
    place.symlink_to(tmp_path)
    try:
        with pytest.raises(ServerError, match=f"{place} belongs to somebody else"):
            make_outside(tmp_path)
    finally:
        place.unlink()


def test_postgres_can_be_reached_over_tcp_where_a_port_is_given(postgres: PostgresServer) -> None:
    with PostgresServer(port=free_port()) as server, psycopg.connect(server.dsn) as connection:
        shown = connection.execute("SHOW listen_addresses").fetchone()
    assert shown == ("127.0.0.1",)


async def test_a_database_that_vanishes_without_a_word_is_noticed_within_twenty_seconds() -> None:
    with PostgresServer(port=free_port()) as server:
        with psycopg.connect(server.dsn) as connection_here:
            connection_here.execute("ALTER USER postgres PASSWORD 'of this test'")
        there = f"host=127.0.0.1 port={server.port} dbname=yian user=postgres password='of this test'"
        connection = await Database(there).connect_alone()
        with socket.socket(fileno=os.dup(connection.fileno())) as end:
            tcp = {name: end.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in KEEPALIVE}
        await connection.close()
    assert tcp["TCP_USER_TIMEOUT"] <= 20_000
    assert tcp["TCP_KEEPIDLE"] + tcp["TCP_KEEPINTVL"] * tcp["TCP_KEEPCNT"] <= 20


def test_a_taken_port_is_named_together_with_who_holds_it(mosquitto: MosquittoServer) -> None:
    with pytest.raises(ServerError, match=rf"Port {mosquitto.port} .* taken by mosquitto \(pid {mosquitto.pid}\)"):
        MosquittoServer(port=mosquitto.port).start()


def test_a_server_that_ends_while_starting_says_why() -> None:
    server = PostgresServer(settings={"shared_buffers": "nonsense"})
    with pytest.raises(ServerError, match=r"postgres ended while starting: .*shared_buffers"):
        server.start()
    server.stop()


def test_a_paused_server_is_silent_until_it_is_resumed(kafka: KafkaServer) -> None:
    kafka.pause()
    assert wait_until(lambda: psutil.Process(kafka.pid).status() == psutil.STATUS_STOPPED)
    kafka.resume()
    assert wait_until(lambda: psutil.Process(kafka.pid).status() != psutil.STATUS_STOPPED)


def test_kafka_comes_back_with_its_cluster_after_a_sigkill(kafka: KafkaServer) -> None:
    identity = (kafka.directory / "data" / "meta.properties").read_text()
    kafka.kill()
    assert not kafka.running
    kafka.restart()
    assert kafka.is_ready()
    assert (kafka.directory / "data" / "meta.properties").read_text() == identity


def test_no_server_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import time; from pathlib import Path; from yian.servers import PostgresServer, AmqttServer\n"
        f"a = PostgresServer(directory=Path({str(tmp_path / 'pg')!r})).start()\n"
        f"b = AmqttServer(directory=Path({str(tmp_path / 'mq')!r})).start()\n"
        "print(a.pid, b.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 2
        os.kill(parent.pid, signal.SIGKILL)
    assert wait_until(lambda: not any(psutil.pid_exists(pid) for pid in pids))
    forget_outside(tmp_path / "pg")


def test_a_folder_without_timescaledb_is_named_with_what_it_lacks(tmp_path: Path) -> None:
    server = PostgresServer(with_timescale=tmp_path)
    try:
        with pytest.raises(
            ServerError, match=r"holds no TimescaleDB: it needs lib/ and extension/timescaledb\.control"
        ):
            server.start()
    finally:
        server.stop()


def test_a_server_that_was_given_timescaledb_once_keeps_it(timescale: PostgresServer, tmp_path: Path) -> None:
    given = timescale.directory / "timescaledb"
    for again in (given, None):
        server = PostgresServer(directory=tmp_path / "kept", with_timescale=again)
        with server, psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
            found = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'").fetchone()
            assert found is not None
