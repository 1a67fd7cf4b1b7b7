"""The machine: Python, disk, pages, programs for --real."""

import platform
import shutil
import sys

from yian import pages
from yian.doctor.finding import Findings, note, well, wrong
from yian.servers.places import CHECKOUT, program
from yian.servers.process import ServerMissing
from yian.surroundings import Surroundings
from yian.up.trouble import Trouble, check_space


def examine(around: Surroundings) -> Findings:
    found = Findings("Machine")
    version = platform.python_version()
    if (3, 11) <= sys.version_info < (3, 14):
        found.add(well(f"Python {version}"))
    else:
        found.add(wrong(f"Python {version} is not supported", "use 3.11, 3.12 or 3.13: make PYTHON=python3.11 up"))
    _space(found, around)
    _pages(found)
    _programs(found)
    return found


def _space(found: Findings, around: Surroundings) -> None:
    root = around.data.root if around.data.root.exists() else CHECKOUT
    try:
        check_space(root)
    except Trouble as trouble:
        found.add(wrong(f"disk: {trouble}", "free some space"))
    else:
        found.add(well(f"disk: {shutil.disk_usage(root).free // 2**30} GB free at {root}"))


def _pages(found: Findings) -> None:
    if not pages.WEB.exists():
        found.add(note("pages: no sources here, they are built elsewhere"))
    elif not pages.DIST.exists():
        found.add(wrong("pages: not built", "yian pages"))
    elif pages.are_current():
        found.add(well("pages: built from the sources that are here"))
    else:
        found.add(note("pages: older than their sources", "yian pages"))


def _programs(found: Findings) -> None:
    missing = []
    for name, package in (("mosquitto", "mosquitto"), ("java", "default-jre-headless"), ("mvn", "maven")):
        try:
            program(name, package=package)
        except ServerMissing:
            missing.append(package)
    if missing:
        found.add(
            note("for `yian up --real` are missing: " + ", ".join(missing), f"apt-get install {' '.join(missing)}")
        )
    else:
        found.add(well("programs for `yian up --real`: Mosquitto, Java, Maven"))
