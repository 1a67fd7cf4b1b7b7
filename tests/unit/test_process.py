"""A process's life and its health answers, without a broker."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

from backbone.health import HealthServer, Readiness

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
        assert (await asyncio.to_thread(get, server.port, "/healthz"))[0] == 200
        trouble.clear()
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
