"""Our own processes: does each say that it can do its work?"""

import json
import urllib.error
import urllib.request
from ipaddress import ip_address
from typing import Any

from yian.doctor.finding import Finding, Findings, note, well, wrong
from yian.surroundings import Surroundings

_PLACES = {"gateway": 0, "alarms": 6, "worker": 1, "writer": 2, "dispatcher": 5}


def examine(around: Surroundings) -> Findings:
    found = Findings("Processes")
    port = around.get("YIAN_HTTP_PORT")
    if port:
        found.add_all(_ask("app", f"http://{_reachable(around.get('YIAN_HTTP_HOST'))}:{port}"))
    first = around.get("YIAN_UP_METRICS_PORT")
    for name, offset in _PLACES.items():
        if first:
            found.add_all(_ask(name, f"http://127.0.0.1:{int(first) + offset}"))
    if bulk := around.get("YIAN_UP_BULK_PORT"):
        found.add_all(_ask("gateway-bulk", f"http://127.0.0.1:{bulk}"))
    if not port and not first:
        found.add(note("nobody says where they run; ask each at /readyz on its YIAN_METRICS_PORT"))
    return found


def _reachable(host: str | None) -> str:
    """An address to bind to, as one to connect to."""
    return "127.0.0.1" if host is None or _is_everywhere(host) else host


def _is_everywhere(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:  # a name
        return False


def _ask(name: str, address: str) -> list[Finding]:
    body = _answer(f"{address}/readyz")
    if body is None:
        return [wrong(f"{name} does not answer at {address}", f"is it running? `yian {name}`, or everything: make up")]
    troubles = body.get("troubles") or {}
    if troubles:
        return [
            wrong(f"{name}: {part}: {trouble}", "see its log, and what stands above")
            for part, trouble in troubles.items()
        ]
    return [well(f"{name} is ready ({address})")]


def _answer(address: str) -> dict[str, Any] | None:
    """None: nobody is there."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 our own http address
            return dict(json.load(answer))
    except urllib.error.HTTPError as refused:
        return _json_of(refused)
    except (OSError, ValueError):
        return None


def _json_of(refused: urllib.error.HTTPError) -> dict[str, Any]:
    try:
        return dict(json.load(refused))
    except ValueError:
        return {"troubles": {"http": f"status {refused.status}"}}
