"""A status, however it was packed."""

import gzip
import json
from datetime import UTC, datetime

import pytest

from ingest_gateway.decode.status import BadStatus, read_status

NOW = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
SAID = json.dumps({"online": True, "firmware": "1.4.2"})


@pytest.mark.parametrize(
    "payload",
    [SAID.encode(), gzip.compress(SAID.encode()), SAID.encode("utf-16"), json.dumps(SAID).encode()],
    ids=["as it is", "gzip", "UTF-16", "a text of JSON"],
)
def test_a_status_is_read_however_it_was_packed(payload: bytes) -> None:
    status = read_status(payload, "W-000123", NOW, retained=True)
    assert (status.online, status.firmware) == (True, "1.4.2")


def test_a_status_that_unpacks_to_a_city_is_none() -> None:
    with pytest.raises(BadStatus, match="when unpacked"):
        read_status(gzip.compress(b" " * 50_000_000), "W-000123", NOW, retained=True)
