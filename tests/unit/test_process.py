"""A process's life and its health answers, without a broker."""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from backbone.health import HealthServer, Readiness
from backbone.priority import AUTOGROUP, NICE

METRICS = b"GET /metrics HTTP/1.1\r\n\r\n"
GROUP = Path(AUTOGROUP.format(pid="self"))

PROGRAM = """
import asyncio, sys
from backbone.process import Process, run
async def body(process):
    {body}
sys.exit(run("test", body, metrics_port={port}))
"""


def start(body: str, port: int | None = None) -> "subprocess.Popen[str]":
    program = PROGRAM.format(body=body, port=port)
    return subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_sigterm_ends_a_process_cleanly() -> None:
    process = start("await asyncio.Event().wait()")
    assert process.stderr is not None
    first = json.loads(process.stderr.readline())
    assert (first["event"], first["process"], first["level"]) == ("started", "test", "info")
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=10)
    assert process.returncode == 0
    assert [line["event"] for line in lines(rest)] == ["ending", "ended"]


def test_a_failing_body_is_logged_and_told_by_the_exit_code() -> None:
    process = start("raise RuntimeError('boom')")
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 1
    failed = lines(errors)[-1]
    assert failed["event"] == "failed"
    assert "boom" in str(failed["exception"])


def test_a_second_signal_ends_a_process_that_hangs() -> None:
    process = start("\n    ".join(("while True:", "  try: await asyncio.sleep(9)", "  except BaseException: pass")))
    assert process.stderr is not None
    process.stderr.readline()
    os.kill(process.pid, signal.SIGINT)
    process.stderr.readline()
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 128 + signal.SIGINT


async def test_readyz_names_the_trouble_and_healthz_does_not_care() -> None:
    readiness, trouble = Readiness(), ["the bus does not answer"]
    readiness.add("bus", lambda: trouble[0] if trouble else None)
    server = HealthServer(readiness, port=0)
    await server.start()
    try:
        status, body = await asyncio.to_thread(get, server.port, "/readyz")
        assert (status, body["troubles"]) == (503, {"bus": "the bus does not answer"})
        assert b'yian_trouble{part="bus"} 1.0' in server.answer(METRICS)
        assert (await asyncio.to_thread(get, server.port, "/healthz"))[0] == 200
        trouble.clear()
        assert b'yian_trouble{part="bus"} 0.0' in server.answer(METRICS)
        assert await asyncio.to_thread(get, server.port, "/readyz") == (200, {"ready": True, "troubles": {}})
        assert (await asyncio.to_thread(get, server.port, "/elsewhere"))[0] == 404
    finally:
        await server.close()


def get(port: int, path: str) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as answer:
        return answer.code, json.load(answer)


def test_a_request_that_is_none_is_answered_all_the_same() -> None:
    server = HealthServer(Readiness(), port=0)
    for head in (b"\r\n\r\n", b"POST /metrics HTTP/1.1\r\n\r\n", b"\xff\xfe\r\n\r\n"):
        assert server.answer(head).startswith(b"HTTP/1.1 405")
    assert b"yian_ready 1.0" in server.answer(b"GET /metrics?x=1 HTTP/1.1\r\n\r\n")


def niceness(*, of_a_session: bool) -> tuple[int, str]:
    """(of the process, of its session's group) once it lets alarms go first."""
    program = f"""
import os
from backbone.priority import let_alarms_go_first
let_alarms_go_first()
print(os.nice(0), open("{GROUP}").read())
"""
    words = [sys.executable, "-c", program]
    told = subprocess.run(words, start_new_session=of_a_session, capture_output=True, text=True, check=True).stdout
    own, _, group = told.partition(" ")
    return int(own), group.strip()  # empty where nobody between the first process and here began a session


@pytest.mark.skipif(not GROUP.exists(), reason="this kernel does not group processes by session")
def test_who_lets_alarms_go_first_gives_way_to_other_sessions_too() -> None:
    own, group = niceness(of_a_session=True)
    assert (own, group.rpartition("nice ")[2]) == (NICE, str(NICE))


@pytest.mark.skipif(not GROUP.exists(), reason="this kernel does not group processes by session")
def test_a_session_that_others_share_is_left_as_it_is() -> None:
    own, group = niceness(of_a_session=False)
    assert (own, group) == (NICE, GROUP.read_text().strip())


FIRST = """
import os, sys
from backbone.priority import carries_alarms, carry_alarms
os.setresuid(*3 * [int(sys.argv[1])])
carry_alarms()
print(carries_alarms())
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root may become somebody else")
@pytest.mark.parametrize(("user", "first"), [(0, "True"), (65534, "False")], ids=["permitted", "not permitted"])
def test_who_carries_alarms_goes_first_where_that_is_permitted_and_else_runs_as_before(user: int, first: str) -> None:
    words = [sys.executable, "-c", FIRST, str(user)]
    told = subprocess.run(words, capture_output=True, text=True, check=True, preexec_fn=_no_real_time).stdout
    assert told.strip() == first


def _no_real_time() -> None:
    resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0))
