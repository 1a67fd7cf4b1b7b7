"""Whose address a request has: the connection's, unless a named proxy speaks for somebody else."""

import socket
from contextlib import suppress
from dataclasses import replace

import httpx
import pytest
from pydantic import ValidationError

from services.app.health import metrics
from services.settings import AppSettings
from tests.integration.alarm_desk import Desk, eventually
from tests.integration.console_app import an_app

HERE = "127.0.0.1"


@pytest.mark.parametrize(
    ("trusted", "forwarded", "seen"),
    [
        ("", ["203.0.113.9"], HERE),
        ("10.0.0.5", ["203.0.113.9"], HERE),
        (HERE, ["203.0.113.9"], "203.0.113.9"),
        ("127.0.0.0/8", ["203.0.113.9"], "203.0.113.9"),
        (HERE, ["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        (HERE, ["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
        (f"{HERE},10.0.0.0/24", ["1.1.1.1, 203.0.113.9, 10.0.0.7"], "203.0.113.9"),
        (HERE, ["[2001:db8::9]:4711"], "2001:db8::9"),
        (HERE, [], HERE),
    ],
    ids=[
        "no proxy is named",
        "another proxy is named",
        "the proxy is named",
        "its network is named",
        "what stood there before it is made up",
        "also in a line of its own",
        "two proxies, one behind the other",
        "an address with a port",
        "the proxy itself",
    ],
)
async def test_an_attempt_to_sign_in_is_counted_for(
    postgres_dsn: str, desk: Desk, trusted: str, forwarded: list[str], seen: str
) -> None:
    headers = [("X-Forwarded-For", line) for line in forwarded] + [("X-Forwarded-Proto", "https")]
    async with an_app(postgres_dsn, desk, trusted_proxies=trusted) as app, httpx.AsyncClient() as client:
        wrong = {"username": "nobody", "password": "wrong"}
        assert (await client.post(f"{app.url}/api/v1/session", json=wrong, headers=headers)).status_code == 401
    (attempt,) = await desk.rows("DELETE FROM login_attempts RETURNING address")
    assert attempt["address"] == seen


@pytest.mark.parametrize("trusted", ["*", "proxy.example", "10.0.0.1/8", "10.0.0"])
def test_a_proxy_is_named_by_address_or_network(trusted: str) -> None:
    with pytest.raises(ValidationError, match="give a proxy's address"):
        AppSettings.model_validate({"database": "-", "bus": "-", "secret_key": "A" * 44, "trusted_proxies": trusted})


async def test_an_app_whose_port_for_figures_is_taken_shows_them_once_it_is_free(postgres_dsn: str, desk: Desk) -> None:
    async with an_app(postgres_dsn, desk) as app, httpx.AsyncClient() as client:
        with socket.create_server((HERE, 0)) as holder:
            port = holder.getsockname()[1]
            taken = app.parts.settings.model_copy(update={"metrics_port": port})
            async with metrics(replace(app.parts, settings=taken)):
                holder.close()

                async def shown() -> bool:
                    with suppress(httpx.HTTPError):
                        return b"yian_ready" in (await client.get(f"http://{HERE}:{port}/metrics")).content
                    return False

                await eventually(shown)


async def test_figures_of_the_process_have_a_port_of_their_own(postgres_dsn: str, desk: Desk) -> None:
    async with an_app(postgres_dsn, desk) as app, httpx.AsyncClient() as client:
        assert b"yian_ready" not in (await client.get(f"{app.url}/metrics")).content
        async with metrics(app.parts) as inside:
            answer = await client.get(f"http://{HERE}:{inside.port}/metrics")
    assert b"yian_ready" in answer.content
