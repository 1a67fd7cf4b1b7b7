"""deploy/: what cannot be run here is at least held against its schema, and against what the code expects."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from yian.servers.places import CHECKOUT, DEPLOY

COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SCHEMA: dict[str, Any] = json.loads((CHECKOUT / "tests" / "data" / "compose-spec.json").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "yian"}


def test_the_compose_file_is_one() -> None:
    jsonschema.Draft201909Validator(SCHEMA).validate(COMPOSE)


class _Merging(yaml.SafeLoader):
    """Knows what compose files say about merging."""


_Merging.add_constructor("!override", lambda loader, node: loader.construct_sequence(node, deep=True))


def test_the_compose_file_for_tls_changes_only_what_is_there() -> None:
    tls = yaml.load((DEPLOY / "compose.tls.yaml").read_text(), Loader=_Merging)
    jsonschema.Draft201909Validator(SCHEMA).validate(tls)
    assert set(tls["services"]) == {"mosquitto"}
    places = [_place(services["mosquitto"]["volumes"]) for services in (SERVICES, tls["services"])]
    assert places[0] == places[1], "it takes the place of conf.d"


def _place(mounts: list[str]) -> str:
    """Where the listeners' file is mounted."""
    (mount,) = [mount for mount in mounts if "conf.d" in mount]
    folder, place, _ = mount.split(":")
    assert (DEPLOY / folder / "listeners.conf").exists()
    return place


@pytest.mark.parametrize("folder", ["conf.d", "conf.d-tls"])
def test_the_gateways_door_is_published_nowhere(folder: str) -> None:
    assert "listener 1884\n" in (DEPLOY / "mosquitto" / folder / "listeners.conf").read_text()
    for file in ("compose.yaml", "compose.tls.yaml"):
        assert not re.search(r"1884:1884", (DEPLOY / file).read_text())


def test_the_schema_would_have_found_a_mistake() -> None:
    broken = json.loads(json.dumps(COMPOSE))
    broken["services"]["kafka"]["imagee"] = "typing error"
    assert list(jsonschema.Draft201909Validator(SCHEMA).iter_errors(broken))


def _mounts() -> list[str]:
    return [mount for service in SERVICES.values() for mount in service.get("volumes", [])]


@pytest.mark.parametrize("mount", [mount for mount in _mounts() if mount.startswith(".")])
def test_every_file_it_mounts_is_the_one_the_one_machine_run_uses(mount: str) -> None:
    source = (DEPLOY / mount.partition(":")[0]).resolve()
    assert source.exists()
    assert source.is_relative_to(DEPLOY)


def test_every_volume_it_uses_is_declared() -> None:
    named = {mount.partition(":")[0] for mount in _mounts() if not mount.startswith(".")}
    assert named == set(COMPOSE["volumes"])


def test_every_process_of_the_command_runs_in_it() -> None:
    words = {service["command"][0] for service in OURS.values()}
    assert {"gateway", "alarms", "worker", "dispatcher", "writer", "app", "migrate", "devices", "doctor"} == words


def test_it_holds_no_secret_of_its_own() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    for name in ("YIAN_DATABASE_PASSWORD", "YIAN_MQTT_PASSWORD", "YIAN_SECRET_KEY"):
        assert re.findall(rf"\$\{{{name}[^}}]*\}}", text), name
        assert not re.findall(rf"\$\{{{name}:?-", text), f"{name} has a default"


def test_kafka_is_told_elsewhere_only_what_the_file_leaves_to_each_place() -> None:
    told = {name for name in SERVICES["kafka"]["environment"] if name not in ("CLUSTER_ID", "KAFKA_HEAP_OPTS")}
    as_properties = {name.removeprefix("KAFKA_").replace("_", ".").lower() for name in told}
    where = (DEPLOY / "kafka" / "server.properties").read_text().partition("# Where\n")[2]
    assert as_properties == {line.partition("=")[0] for line in where.splitlines()}


def _copied(dockerfile: str) -> list[str]:
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, flags=re.MULTILINE)
    return [word for line in lines for word in line.split()]


def test_the_image_holds_every_room_that_runs_in_production() -> None:
    copied = _copied((DEPLOY / "Dockerfile").read_text())
    for path in copied:
        assert (CHECKOUT / path).exists(), path
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    rooms = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) - {"bench"}
    assert rooms <= {path.rstrip("/") for path in copied}


def _pins(lock: Path) -> set[str]:
    return set(re.findall(r"^([\w.\-]+==[\w.]+)", lock.read_text(), flags=re.MULTILINE))


def test_the_image_runs_the_versions_that_were_tested() -> None:
    run, tested = _pins(CHECKOUT / "requirements-run.lock"), _pins(CHECKOUT / "requirements.lock")
    assert run
    assert run <= tested
    assert not {pin for pin in run if pin.startswith(("pytest", "playwright", "mypy"))}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-run.lock", "requirements-uv.lock"])
def test_every_locked_package_has_a_hash(lock: str) -> None:
    text = (CHECKOUT / lock).read_text()
    for entry in re.split(r"\n(?=\S)", text):
        if "==" in entry.splitlines()[0]:
            assert "--hash=sha256:" in entry, entry.splitlines()[0]
