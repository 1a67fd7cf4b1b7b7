"""TimescaleDB for the wheel's PostgreSQL: a folder with `lib/` and `extension/`, loaded without touching the wheel."""

import shutil
from pathlib import Path

from yian.servers.process import ServerError
from yian.servers.unprivileged import Runner

FOLDER = "timescaledb"


def put(given: Path, directory: Path, runner: Runner) -> None:
    """A copy in the server's own directory, where whoever it runs as may read it.

    :raises ServerError: `given` is no such folder
    """
    if not (given / "extension" / "timescaledb.control").is_file() or not (given / "lib").is_dir():
        raise ServerError(f"{given} holds no TimescaleDB: it needs lib/ and extension/timescaledb.control.")
    kept = directory / FOLDER
    if not kept.exists():
        for part in ("lib", "extension"):
            shutil.copytree(given / part, kept / part, copy_function=shutil.copyfile)
    for path in (kept, *kept.rglob("*")):
        runner.own(path, 0o700 if path.is_dir() else 0o600)


def settings(directory: Path, runner: Runner) -> dict[str, str]:
    """Further lines of postgresql.conf; none where no TimescaleDB was put there."""
    if not (directory / FOLDER).exists():
        return {}
    kept = runner.path(directory / FOLDER)
    return {
        "shared_preload_libraries": "timescaledb",
        "dynamic_library_path": f"{kept}/lib:$libdir",
        "extension_control_path": f"{kept}:$system",
        "max_worker_processes": "24",
        "timescaledb.max_background_workers": "8",
        "timescaledb.telemetry_level": "off",
    }
