"""`yian up` as a stranger meets it: it starts, mends itself, ends without a trace, and says what is wrong."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from running_city import City, free_ports, running_city, until

from yian.servers import free_port
from yian.servers.places import CHECKOUT

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def city() -> Iterator[City]:
    with running_city("--elders", "130") as city:
        yield city


def test_it_says_where_to_go_and_the_accounts_it_prints_can_sign_in(city: City) -> None:
    assert f"http://127.0.0.1:{city.http_port}/" in city.said
    accounts = city.passwords()
    assert {"operator", "supervisor", "family"} <= set(accounts)
    for username, password in accounts.items():
        answer = httpx.post(
            f"http://127.0.0.1:{city.http_port}/api/v1/session", json={"username": username, "password": password}
        )
        assert answer.status_code == 200, answer.text


def test_what_it_keeps_is_open_to_its_owner_only(city: City) -> None:
    """Logs, sockets, broker, database, devices. As root, PostgreSQL's user passes through its own folder, unlisted."""
    find = ["find", str(city.data), "-not", "-type", "l", "-perm", "/077", "-printf", "%P %m\n"]
    opened = subprocess.run(find, capture_output=True, text=True, check=False).stdout.splitlines()
    assert opened == (["postgres 710"] if os.geteuid() == 0 else [])
    assert (city.data / "postgres" / "data" / "PG_VERSION").exists()
    assert all(password not in (city.data / "env").read_text() for password in city.passwords().values())


def press(city: City) -> str:
    words = [sys.executable, "-m", "yian", "sim", "press", "W-000007", "--until", "accepted", "--seconds", "20"]
    words += ["--state-dir", str(city.root / "sim")]
    here = {**os.environ, "YIAN_DATA": str(city.data)}
    pressed = subprocess.run(words, cwd=city.root, env=here, capture_output=True, text=True, check=False)
    assert pressed.returncode == 0, pressed.stdout + pressed.stderr
    return pressed.stdout


def test_a_press_on_a_simulated_device_is_accepted(city: City) -> None:
    assert "accepted" in press(city)


def test_the_doctor_finds_nothing_wrong(city: City) -> None:
    """Once the dispatcher, for which a city does not wait, is there too."""
    told = ""

    def all_is_well() -> bool:
        nonlocal told
        words = [sys.executable, "-m", "yian", "doctor", "--data", str(city.data)]
        told = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=False).stdout
        return not [line for line in told.splitlines() if "✗" in line and "pages:" not in line]

    assert until(all_is_well), told
    assert "no device hears what is for another" in told


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
    refused = City(tmp_path, city.http_port, free_port(), free_ports(9)).again()
    assert refused.returncode == 1
    assert re.search(rf"Port {city.http_port} .* taken by .*pid \d+.*--http-port", refused.stderr), refused.stderr


@pytest.mark.parametrize("name", ["alarms", "worker", "broker", "postgres"])
def test_a_child_that_is_killed_comes_back_and_that_is_said(city: City, name: str) -> None:
    name = city.broker if name == "broker" else name
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


def test_which_broker_runs_and_what_it_speaks_is_said(city: City) -> None:
    said = "Mosquitto — mqtt://{} speaks MQTT 5 and 3.1.1"
    if city.broker == "amqtt":
        said = "MQTT broker (embedded) — mqtt://{} speaks MQTT 3.1.1 only"
    assert said.format(f"127.0.0.1:{city.mqtt_port},") in city.said


def test_nothing_outlives_a_supervisor_that_was_killed_and_the_next_one_goes_on(city: City) -> None:
    assert city.process is not None
    children = city.children()
    city.process.kill()
    city.process.wait()
    _, alive = psutil.wait_procs(children, timeout=30)  # on a busy machine
    assert not alive
    city.options += ("--embedded-broker",)
    city.up()
    assert "was cut off; going on from its data" in city.said


def test_the_broker_that_is_built_in_serves_too_and_tells_newer_firmware_why_not(city: City) -> None:
    """Also a city that had Mosquitto before."""
    assert "speaks MQTT 3.1.1 only" in city.said
    assert "accepted" in press(city)
    log = (city.data / "amqtt" / "amqtt.log").read_text()
    assert "a client that speaks MQTT 5 was refused with 0x84" in log


def test_it_ends_in_good_order(city: City) -> None:
    assert city.process is not None
    city.process.send_signal(signal.SIGTERM)
    assert city.process.wait(timeout=20) == 0


def test_reset_forgets_a_city_and_touches_no_other_directory(city: City, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "yian", "reset", "--data"]
    assert subprocess.run([*words, str(city.data)], cwd=CHECKOUT, check=False).returncode == 0
    assert not city.data.exists()
    (tmp_path / "precious").touch()
    assert subprocess.run([*words, str(tmp_path)], cwd=CHECKOUT, check=False).returncode == 1
    assert (tmp_path / "precious").exists()
