"""Nothing lost, nothing doubled: a small run of `bench.faults` on Mosquitto, Kafka and PostgreSQL."""

import random
from collections.abc import Iterator

import pytest

from bench.faults.__main__ import RECOVERY_S, judge_by_http, one_by_one
from bench.faults.actions import FAULTS, World, console_address, opened
from bench.faults.side_door import KafkaWithSideDoor
from bench.stack import Stack
from tests.conftest import missing
from yian.servers import ServerMissing

pytestmark = pytest.mark.real

SLOW = {
    "Kafka frozen for 30 s",
    "gateway killed before the publish",
    "flood of garbage, 60 KB 200 times a second",
    "a device that connects 50 times a second",
}
QUICK = [name for name in FAULTS if name not in SLOW]
"""`bench.faults` has all of them, and a random part."""
PRESSES = 120


@pytest.fixture
def world() -> Iterator[World]:
    kafka = KafkaWithSideDoor()
    try:
        with Stack(kafka=kafka) as stack:
            opened_world = opened(stack, kafka, 40, random.Random(7))
            yield opened_world
            opened_world.outside.stop()
    except ServerMissing as gone:
        missing(str(gone))


def test_every_press_is_one_case_whatever_is_killed_meanwhile(world: World) -> None:
    lines = one_by_one(world, QUICK, PRESSES, print)
    assert {line["fault"]: line["not accepted"] for line in lines} == dict.fromkeys(QUICK, 0)
    assert [line for line in lines if line["all well after s"] is None] == []
    assert max(line["last accepted after s"] for line in lines) < RECOVERY_S
    assert judge_by_http(world, console_address(world.child("app"))) == []
    assert len(world.outside.presses) >= PRESSES
    assert all(console.connections >= 2 for console in world.outside.consoles), "a console had to come back"
