"""`yian up` as a stranger meets it: it starts, mends itself, ends without a trace, and says what is wrong."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from yian.servers import free_port
from yian.servers.places import CHECKOUT

pytestmark = pytest.mark.real
STARTS_IN_S = 90.0


@dataclass
class City:
    """One data directory and its ports; `up()` runs the command on it."""

    root: Path
    http_port: int
    mqtt_port: int
    metrics_port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def said(self) -> str:
        return (self.root / "said").read_text()

    def command(self, *options: str) -> list[str]:
        ports = ["--http-port", str(self.http_port), "--mqtt-port", str(self.mqtt_port)]
        ports += ["--metrics-port", str(self.metrics_port), "--data", str(self.data)]
        return [sys.executable, "-m", "yian", "up", "--no-pages", "--devices", "20", *ports, *options]

    def up(self) -> None:
        with (self.root / "said").open("wb") as said:
            self.process = subprocess.Popen(self.command(), cwd=CHECKOUT, stdout=said, stderr=subprocess.STDOUT)
        until(lambda: "is up after" in self.said or self.process.poll() is not None, seconds=STARTS_IN_S)  # type: ignore[union-attr]
        assert "is up after" in self.said, self.said
        until(lambda: "Ctrl-C" in self.said)

    def again(self) -> "subprocess.CompletedProcess[str]":
        """The command once more, while the first may be running."""
        return subprocess.run(self.command(), cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60)

    def passwords(self) -> dict[str, str]:
        return dict(re.findall(r"^    (\S+)\s+(\w{4}-\w{4}-\w{4})", self.said, flags=re.MULTILINE))

    def children(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def pid_of(self, name: str) -> int:
        return int((self.data / name / "pid").read_text())


def until(condition: Callable[[], bool], *, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def three_free_ports() -> int:
    """The first of three in a row."""
    while True:
        first = free_port()
        if first < 65000 and all(_is_free(first + step) for step in range(3)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture(scope="module")
def city() -> Iterator[City]:
    with tempfile.TemporaryDirectory(prefix="yian-up-", dir="/tmp", ignore_cleanup_errors=True) as root:
        city = City(Path(root), free_port(), free_port(), three_free_ports())
        city.up()
        yield city
        if city.process is not None and city.process.poll() is None:
            city.process.kill()
            city.process.wait()


def test_it_says_where_to_go_and_the_accounts_it_prints_can_sign_in(city: City) -> None:
    assert f"http://127.0.0.1:{city.http_port}/" in city.said
    accounts = city.passwords()
    assert {"operator", "supervisor", "family"} <= set(accounts)
    for username, password in accounts.items():
        answer = httpx.post(
            f"http://127.0.0.1:{city.http_port}/api/v1/session", json={"username": username, "password": password}
        )
        assert answer.status_code == 200, answer.text


def test_its_secrets_are_readable_by_the_owner_only(city: City) -> None:
    for name in ("secrets.json", "devices.json", "env"):
        assert (city.data / name).stat().st_mode & 0o077 == 0, name
    assert all(password not in (city.data / "env").read_text() for password in city.passwords().values())


def test_a_press_on_a_simulated_device_is_accepted(city: City) -> None:
    words = [sys.executable, "-m", "yian", "sim", "press", "W-000007", "--until", "accepted", "--seconds", "20"]
    words += ["--state-dir", str(city.root / "sim")]
    pressed = subprocess.run(
        words,
        cwd=city.root,
        env={**os.environ, "YIAN_DATA": str(city.data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert pressed.returncode == 0, pressed.stdout + pressed.stderr
    assert "accepted" in pressed.stdout


def test_the_doctor_finds_nothing_wrong(city: City) -> None:
    words = [sys.executable, "-m", "yian", "doctor", "--data", str(city.data)]
    told = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    ill = [line for line in told.stdout.splitlines() if "✗" in line and "pages:" not in line]
    assert not ill, told.stdout
    assert "no device hears what is for another" in told.stdout


def test_a_new_device_is_let_in_at_once_and_its_credential_is_shown_once(city: City) -> None:
    words = [sys.executable, "-m", "yian", "devices", "provision", "X-100", "--data", str(city.data)]
    first = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert re.fullmatch(r"X-100\t\S{20,}\n", first.stdout), first.stderr
    second = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert "X-100" in second.stderr
    assert not second.stdout


def test_a_second_one_on_the_same_data_is_refused_in_a_sentence(city: City) -> None:
    assert city.process is not None
    refused = city.again()
    assert refused.returncode == 1
    assert f"(pid {city.process.pid})" in refused.stderr
    assert "--data" in refused.stderr
    assert city.process.poll() is None


def test_a_taken_port_is_named_with_its_holder_and_the_option_to_change_it(city: City, tmp_path: Path) -> None:
    refused = City(tmp_path, city.http_port, free_port(), three_free_ports()).again()
    assert refused.returncode == 1
    assert re.search(rf"Port {city.http_port} .* taken by .*pid \d+.*--http-port", refused.stderr), refused.stderr


@pytest.mark.parametrize("name", ["worker", "amqtt", "postgres"])
def test_a_child_that_is_killed_comes_back_and_that_is_said(city: City, name: str) -> None:
    killed = city.pid_of(name)
    os.kill(killed, signal.SIGKILL)
    assert until(lambda: f"{name} was killed by SIGKILL; starting it again" in city.said)
    assert until(lambda: f"{name} is back" in city.said), city.said
    assert city.pid_of(name) != killed


def test_an_interrupt_ends_every_process_and_keeps_the_data(city: City) -> None:
    assert city.process is not None
    passwords, children = city.passwords(), city.children()
    assert len(children) > 6
    city.process.send_signal(signal.SIGINT)
    assert city.process.wait(timeout=20) == 0
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
    city.up()
    assert city.passwords() == passwords
    assert "as it was" in city.said


def test_nothing_outlives_a_supervisor_that_was_killed_and_the_next_one_goes_on(city: City) -> None:
    assert city.process is not None
    children = city.children()
    city.process.kill()
    city.process.wait()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    city.up()
    assert "was cut off; going on from its data" in city.said
    city.process.send_signal(signal.SIGTERM)
    assert city.process.wait(timeout=20) == 0


def test_reset_forgets_a_city_and_touches_no_other_directory(city: City, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "yian", "reset", "--data"]
    assert subprocess.run([*words, str(city.data)], cwd=CHECKOUT, check=False).returncode == 0
    assert not city.data.exists()
    (tmp_path / "precious").touch()
    assert subprocess.run([*words, str(tmp_path)], cwd=CHECKOUT, check=False).returncode == 1
    assert (tmp_path / "precious").exists()
