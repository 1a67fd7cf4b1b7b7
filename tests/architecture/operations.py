"""What is in deploy/ for operations, as the tests of this folder read it."""

import json
from typing import Any

import yaml

from yian.servers.places import DEPLOY

BOARDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
}
ALERTS: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
OPERATIONS: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.operations.yaml").read_text())
SCRAPED = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
SCRAPED_OF_UP = yaml.safe_load((DEPLOY / "prometheus" / "up.yml").read_text())
SOURCES = yaml.safe_load((DEPLOY / "grafana" / "provisioning" / "datasources" / "prometheus.yaml").read_text())
JOBS = {job["job_name"] for job in SCRAPED["scrape_configs"]}
