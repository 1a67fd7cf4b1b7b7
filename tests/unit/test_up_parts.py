"""The parts of `yian up` that need no server."""

import errno
import io
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from yian.day.city import WORDS
from yian.up import trouble
from yian.up.city import DataDirectory, Secrets, demo_password, write_private
from yian.up.lock import Lock
from yian.up.plan import Options
from yian.up.say import Progress
from yian.up.trouble import SpaceWatch, Trouble, check_space, sentence_of


def test_secrets_are_random_and_stay_the_same(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    first, again = Secrets.of(data, ["operator"]), Secrets.of(data, ["operator", "new"])
    assert first.secret_key == again.secret_key
    assert first.account_passwords["operator"] == again.account_passwords["operator"]
    assert Secrets.of(DataDirectory(tmp_path), ["operator"]).gateway_password == first.gateway_password
    assert len(again.key) == 32


@pytest.mark.parametrize("real", [False, True])
def test_no_two_of_a_city_are_given_one_port(tmp_path: Path, *, real: bool) -> None:
    """A simulated day runs the same processes at the same ports."""
    options = Options(
        data=DataDirectory(tmp_path), real=real, embedded_broker=not real, http_host="127.0.0.1", http_port=20_009,
        mqtt_port=20_010, metrics_port=20_000, devices=0, elders=0, pages=False,
    )  # fmt: skip
    ports = [port for _, _, port in options.ports()]
    assert len(set(ports)) == len(ports)
    assert {options.port_of(word) for word in WORDS} <= set(ports)
    assert len({options.port_of(word) for word in WORDS}) == len(WORDS)


def test_two_cities_share_no_secret(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = (Secrets.of(DataDirectory(tmp_path / name), ["operator"]) for name in "ab")
    assert one.secret_key != other.secret_key
    assert one.account_passwords != other.account_passwords


def test_demo_passwords_have_no_letters_that_look_like_digits() -> None:
    seen = {letter for _ in range(200) for letter in demo_password()}
    assert not seen & set("il1o0")


def test_a_private_file_is_never_readable_by_others(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_environment_is_read_as_it_was_written(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    variables = {
        "YIAN_DATABASE": "postgresql://x@/y?host=/a&port=1",
        "YIAN_WEB_DIST": "/a city's/dist",
        "YIAN_BUS": "kafka://h:1",
    }
    data.write_environment(variables)
    assert data.read_environment() == variables


def test_devices_are_added_to_those_known(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    data.add_devices({"W-1": "a"})
    data.add_devices({"W-2": "b"})
    assert data.credentials() == {"W-1": "a", "W-2": "b"}


def test_a_lock_is_held_once_and_tells_by_whom(tmp_path: Path) -> None:
    with Lock(tmp_path / "lock"), pytest.raises(Trouble, match="--data"), Lock(tmp_path / "lock"):
        pass


def test_a_lock_left_behind_by_a_crash_is_taken_over_and_told(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("12345")
    with Lock(tmp_path / "lock") as lock:
        assert lock.left_behind_by == 12345
    with Lock(tmp_path / "lock") as lock:
        assert lock.left_behind_by is None


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_a_full_disk_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match=r"has 10 MB left.*--data"):
        check_space(tmp_path, usage=lambda _: Usage(100, 90, 10 * 2**20))
    check_space(tmp_path, usage=shutil.disk_usage)


def test_a_disk_that_fills_up_while_the_city_runs_is_told_once_and_so_is_its_mend(tmp_path: Path) -> None:
    said: list[str] = []
    free = iter([500, 90, 12, 150, 300, 300])
    watch = SpaceWatch(tmp_path, said.append, usage=lambda _: Usage(1000, 0, next(free) * 2**20))
    for _ in range(6):
        watch.look()
    assert len(said) == 2
    assert "has 90 MB left: free some" in said[0]
    assert "has room again (300 MB)" in said[1]


def test_a_disk_that_cannot_be_looked_at_is_told_once_and_ends_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    gone = tmp_path / "gone"
    watch = SpaceWatch(gone, said.append)
    watch.look()
    watch.look()
    assert len(said) == 1
    assert f"{gone}" in said[0]
    gone.mkdir()
    watch.look()
    assert len(said) == 1


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "No space left for /x"), (errno.EACCES, "/x may not be written by you"), (errno.EIO, "error")],
)
def test_an_error_of_the_system_becomes_a_sentence(number: int, said: str) -> None:
    assert said in sentence_of(OSError(number, "Input/output error", "/x"))


def test_a_wanted_port_that_is_taken_is_named_with_its_option() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Trouble, match=rf"Port {port} \(the pages\) is taken by .* --http-port"):
            trouble.check_ports([("--http-port", "the pages", port)])


def test_progress_in_a_file_has_no_control_characters() -> None:
    out = io.StringIO()
    progress = Progress(out=out)
    with progress.step("PostgreSQL") as step:
        progress.detail("half way")
        step.note = "there"
    assert out.getvalue().startswith("  ✓ PostgreSQL — there (")
    assert "\x1b" not in out.getvalue()


def test_a_step_that_fails_is_marked() -> None:
    out = io.StringIO()
    with pytest.raises(Trouble), Progress(out=out).step("Kafka"):
        raise Trouble("x")
    assert out.getvalue() == "  ✗ Kafka\n"
