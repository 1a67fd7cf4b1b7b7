"""How fast a family's pages are on a telephone with a slow line, and whether everybody can use them: Lighthouse, with
slow 4G simulated, on a city that runs. npm fetches Lighthouse the first time; Chromium must be on this machine.

    python -m bench.lighthouse http://127.0.0.1:8080 --password THE-FAMILYS
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from bench.program import run
from bench.tables import show
from yian.pages import find_node

LIGHTHOUSE = "lighthouse@12"
FLAGS = "--headless=new --no-sandbox --disable-gpu"
CATEGORIES = ("performance", "accessibility")
FIGURES = {
    "FCP s": ("first-contentful-paint", 1000, 1),
    "LCP s": ("largest-contentful-paint", 1000, 1),
    "TBT ms": ("total-blocking-time", 1, 0),
    "CLS": ("cumulative-layout-shift", 1, 3),
}
"""Audit, by what its number is divided, digits."""


def pages(city: str, username: str, password: str) -> Iterator[tuple[str, str, str]]:
    """Name, address and cookies: sign-in, the parents, ordering, and an order that is followed if there is one."""
    yield "sign-in", "/login", ""
    with httpx.Client(base_url=f"{city}/api/v1") as client:
        client.post("/session", json={"username": username, "password": password}).raise_for_status()
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        yield "parents", "/family", cookies
        elder = client.get("/elders").raise_for_status().json()["items"][0]["id"]
        yield "services", f"/family/elders/{elder}/services", cookies
        yield "times", f"/family/elders/{elder}/services/cleaning_home", cookies
        for order in client.get("/orders", params={"elder_id": elder, "limit": 1}).json()["items"]:
            yield "an order", f"/family/orders/{order['id']}", cookies


def measured(address: str, cookies: str) -> dict[str, Any]:
    """Lighthouse's report."""
    node = find_node()
    npm = [str(node.node), str(node.npm)] if node.npm.suffix == ".js" else [str(node.npm)]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        words = [*npm, "exec", "--yes", "--", LIGHTHOUSE, address, "--quiet", "--form-factor=mobile"]
        words += [
            "--throttling-method=simulate",
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags={FLAGS}",
        ]
        words += ["--output=json", f"--output-path={report}", f"--extra-headers={json.dumps({'Cookie': cookies})}"]
        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or ""
        here = {**os.environ, "CHROME_PATH": chromium, "PATH": f"{node.node.parent}:{os.environ['PATH']}"}
        subprocess.run(words, cwd=folder, env=here, check=True, stdout=subprocess.DEVNULL)
        found: dict[str, Any] = json.loads(report.read_bytes())
        return found


def row(name: str, reports: list[dict[str, Any]]) -> dict[str, object]:
    """Medians; what some people cannot use is named."""
    scores = {of: median(round(one["categories"][of]["score"] * 100) for one in reports) for of in CATEGORIES}
    figures = {
        column: round(median(one["audits"][audit]["numericValue"] / by for one in reports), digits)
        for column, (audit, by, digits) in FIGURES.items()
    }
    first = reports[0]
    asked = [ref["id"] for ref in first["categories"]["accessibility"]["auditRefs"]]
    barriers = [audit for audit in asked if first["audits"][audit]["score"] not in (None, 1)]
    return {"page": name, **scores, **figures, "barriers": ", ".join(barriers)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.lighthouse", description=__doc__)
    parser.add_argument("city", help="address of a city that runs, without a path")
    parser.add_argument("--username", default="family")
    parser.add_argument("--password", required=True, help="as `make up` says it")
    parser.add_argument("--runs", type=int, default=3, help="of each page; the median counts")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows = [
        row(name, [measured(asked.city + path, cookies) for _ in range(asked.runs)])
        for name, path, cookies in pages(asked.city, asked.username, asked.password)
    ]
    show(f"{LIGHTHOUSE}, mobile, simulated slow 4G, median of {asked.runs}", rows, as_json=asked.json)


if __name__ == "__main__":
    run(main)
