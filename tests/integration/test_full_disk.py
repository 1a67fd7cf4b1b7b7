"""A disk without room is seen by the app's own write, also while smaller writes still find a place."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from services.alarms.store_path import PathStore
from services.db.migrate import migrate
from services.db.pool import Database
from yian.servers import PostgresServer

MIB = 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", place], check=False)
    if mounted.returncode:
        pytest.skip("nobody but root may mount a small disk")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(MIB))
        except OSError:
            return filler


async def test_a_full_disk_is_told_at_once_and_so_is_that_there_is_room_again(small_disk: Path) -> None:
    with PostgresServer(directory=small_disk / "postgres") as server:
        dsn = server.create_database("full")
        await migrate(dsn)
        connection = await Database(dsn).connect_alone()
        async with connection:
            store = PathStore(connection)
            await store.write_and_look()
            filler = fill(small_disk)
            with pytest.raises(psycopg.errors.DiskFull):
                await store.write_and_look()
            filler.unlink()
            await store.write_and_look()
