"""deploy/prometheus and deploy/compose.operations.yaml: every process is asked, and nobody enters uninvited."""

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.architecture.operations import COMPOSE, JOBS, OPERATIONS, SCRAPED, SCRAPED_OF_UP, SOURCES
from yian.cli import up
from yian.servers.places import CHECKOUT, DEPLOY
from yian.up.city import DataDirectory
from yian.up.plan import Options


def _served(service: dict[str, Any]) -> Iterator[int]:
    """Ports at which a service of compose.yaml shows its metrics."""
    settings = service["environment"]
    assert settings["YIAN_METRICS_HOST"] == "0.0.0.0"  # another container asks
    yield from (int(settings[name]) for name in ("YIAN_METRICS_PORT", "YIAN_CONSOLE_METRICS_PORT") if name in settings)


def test_every_process_of_compose_is_asked_at_the_port_it_serves() -> None:
    stays = {
        name: one for name, one in COMPOSE.items() if one["image"] == "yian" and one["restart"] == "unless-stopped"
    }
    serve = {(name, port) for name, one in stays.items() if name != "credentials-kept" for port in _served(one)}
    asked = {
        (name, found["port"])
        for job in SCRAPED["scrape_configs"]
        for found in job["dns_sd_configs"]
        for name in found["names"]
    }
    assert asked == serve
    assert {name for name, _ in serve} | {"consoles"} == JOBS


def test_every_process_of_make_up_is_asked_at_the_port_it_serves() -> None:
    first = inspect.signature(up).parameters["metrics_port"].default
    options = Options(
        data=DataDirectory(Path("/nowhere")), real=False, embedded_broker=True, http_host="127.0.0.1", http_port=8080,
        mqtt_port=1883, metrics_port=first, devices=0, elders=1, pages=False,
    )  # fmt: skip
    asked = {job["job_name"]: job["static_configs"][0]["targets"] for job in SCRAPED_OF_UP["scrape_configs"]}
    serve = {job: [f"127.0.0.1:{port}"] for job, port in options.metrics_ports().items()}
    assert asked == {job: targets for job, targets in serve.items() if job != "gateway-bulk"}
    assert (
        f"# - job_name: gateway-bulk\n  #   static_configs: [{{targets: {json.dumps(serve['gateway-bulk'])}}}]"
        in (DEPLOY / "prometheus" / "up.yml").read_text()
    ), "only with --real"


def test_both_prometheus_ask_as_often_and_judge_by_the_same_rules() -> None:
    assert SCRAPED["global"] == SCRAPED_OF_UP["global"]
    assert SCRAPED["rule_files"] == SCRAPED_OF_UP["rule_files"] == ["alerts.yml"]
    assert SOURCES["datasources"][0]["jsonData"]["timeInterval"] == SCRAPED["global"]["scrape_interval"]


# --- where they run


def test_the_compose_file_of_operations_is_one() -> None:
    schema = json.loads((CHECKOUT / "tests" / "data" / "compose-spec.json").read_text())
    jsonschema.Draft201909Validator(schema).validate(OPERATIONS)
    assert not OPERATIONS["services"].keys() & COMPOSE.keys()


def test_every_file_it_mounts_is_there_and_every_volume_declared() -> None:
    mounts = [mount.split(":") for one in OPERATIONS["services"].values() for mount in one["volumes"]]
    assert all((DEPLOY / mount[0]).is_dir() and mount[2] == "ro" for mount in mounts if mount[0].startswith("."))
    assert {mount[0] for mount in mounts if not mount[0].startswith(".")} == OPERATIONS["volumes"].keys()
    places = {mount[0]: mount[1] for mount in mounts}
    provider = yaml.safe_load((DEPLOY / "grafana" / "provisioning" / "dashboards" / "yian.yaml").read_text())
    boards = places["./grafana/dashboards"]
    assert provider["providers"][0]["options"]["path"] == boards
    home = OPERATIONS["services"]["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (DEPLOY / "grafana" / "dashboards" / Path(home).relative_to(boards)).exists()


def test_grafana_asks_the_prometheus_beside_it() -> None:
    (source,) = SOURCES["datasources"]
    assert source["url"] == "http://prometheus:9090"
    assert "prometheus" in OPERATIONS["services"]


@pytest.mark.parametrize("name", ["prometheus", "grafana"])
def test_it_is_a_certain_release_and_reached_from_this_machine_only(name: str) -> None:
    service = OPERATIONS["services"][name]
    assert re.fullmatch(r"[a-z]+/[a-z]+:v?\d+\.\d+\.\d+", service["image"])
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_nobody_enters_grafana_without_a_password_that_the_city_has_made() -> None:
    settings = OPERATIONS["services"]["grafana"]["environment"]
    assert settings["GF_SECURITY_ADMIN_PASSWORD"].startswith("${YIAN_GRAFANA_PASSWORD:?")
    assert settings["GF_AUTH_ANONYMOUS_ENABLED"] == "false"
    assert settings["GF_USERS_ALLOW_SIGN_UP"] == "false"
    assert re.search(r"^YIAN_GRAFANA_PASSWORD= ", (DEPLOY / "compose.env.example").read_text(), flags=re.MULTILINE)
