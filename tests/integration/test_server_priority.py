"""PostgreSQL's process of a connection has the priority of the process that opened it."""

import os
import subprocess
import sys

import pytest

from backbone.priority import NICE
from services.db.pool import Database

POLICY_OF_THE_SERVER = """
import asyncio, os, sys
from backbone.postgres.session import connect
from backbone.priority import carry_alarms
async def told():
    connection = await connect(sys.argv[1], name="test")
    print(os.sched_getscheduler(connection.info.backend_pid))
carry_alarms()
asyncio.run(told())
"""


@pytest.mark.parametrize("niceness", [NICE, 0])
async def test_what_may_wait_is_done_by_a_nice_process_of_postgresql(postgres_dsn: str, niceness: int) -> None:
    db = Database(postgres_dsn, connections=1, nice=niceness)
    await db.open()
    async with db.transaction() as tx:
        ours = os.getpriority(os.PRIO_PROCESS, 0)  # the server's too, which is our child
        assert os.getpriority(os.PRIO_PROCESS, tx.info.backend_pid) == max(ours, niceness)
    await db.close()


@pytest.mark.skipif(os.getuid() != 0, reason="real-time needs root, or a limit that is rarely set")
def test_what_carries_alarms_goes_first_inside_postgresql_too(postgres_dsn: str) -> None:
    words = [sys.executable, "-c", POLICY_OF_THE_SERVER, postgres_dsn]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert int(told) == os.SCHED_RR
