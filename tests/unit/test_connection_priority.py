"""Which process is made nice for work that may wait: PostgreSQL's own on this machine, and no other."""

import os
import socket
from types import SimpleNamespace
from typing import Any

import pytest

from backbone.postgres import priority

NOBODY = 2**22 + 1
"""Above the largest process number Linux gives."""


@pytest.mark.parametrize("pid", [os.getpid(), NOBODY], ids=["ours", "nobody"])
async def test_a_number_counted_on_another_machine_is_nobody_here(pid: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made_nice: list[tuple[int, int]] = []
    monkeypatch.setattr(priority, "make_nice", lambda *what: made_nice.append(what))
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        connection: Any = SimpleNamespace(info=SimpleNamespace(backend_pid=pid), fileno=client.fileno)
        await priority.as_its_client(connection, nice=5)
    assert made_nice == []
