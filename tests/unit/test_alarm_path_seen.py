"""What an app makes of the signs that gateways give, and of the probes that became rows."""

from datetime import UTC, datetime
from typing import Any

import pytest
from prometheus_client import REGISTRY

from contracts.alarm_path import GatewaySign
from services.alarms.store_path import KeptProbe, Look
from services.console import alarm_path
from services.console.alarm_path import AlarmPath
from services.console.rules import FORGOTTEN_SECONDS, Part

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Seen:
    """An app whose clock stands until it is told to go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = 1_000.0
        monkeypatch.setattr(alarm_path.time, "monotonic", lambda: self.at)
        self.path = AlarmPath(None, None, lambda: NOW)  # type: ignore[arg-type]

    def says(self, gateway_id: str, probe_id: str = "p", **more: Any) -> None:
        more = {"partitions": (0, 1), "probe_heard_seconds_ago": 0.1} | more
        self.path._hear_gateway(GatewaySign(gateway_id=gateway_id, at=NOW, probe_id=probe_id, **more))

    def keeps(self, probe_id: str, *partitions: int) -> None:
        kept = [KeptProbe("1", number, probe_id, 0.0) for number in partitions]
        self.path._saw(Look(NOW, kept), NOW)

    def stopped_after(self, seconds: float, *kept: int, gateways: tuple[str, ...] = ("1",)) -> Part | None:
        """Second by second: these gateways give signs, and their probes come through these partitions."""
        for second in range(int(seconds)):
            self.at += 1
            for gateway_id in gateways:
                self.says(gateway_id, f"{gateway_id} {second} {self.at}")
                self.keeps(f"{gateway_id} {second} {self.at}", *kept)
            self.path._carried_at = self.path._written_at = self.at
        self.path.judge()
        return self.path.stopped.part if self.path.stopped else None


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    return Seen(monkeypatch)


def test_where_probes_come_through_every_partition_all_is_well(seen: Seen) -> None:
    assert seen.stopped_after(20, 0, 1) is None


def age(part: Part) -> float | None:
    return REGISTRY.get_sample_value("yian_alarm_path_age_seconds", {"part": part})


@pytest.mark.parametrize("lost", [0, 1])
def test_a_partition_that_lets_nothing_through_is_loud_beside_one_that_does(seen: Seen, lost: int) -> None:
    assert seen.stopped_after(20, 0, 1) is None
    assert seen.stopped_after(9, 1 - lost) == Part.WORKER
    assert age(Part.WORKER) == 9
    assert age(Part.DATABASE) == age(Part.GATEWAY) == 0


def test_a_partition_that_no_gateway_speaks_of_any_more_is_not_missed(seen: Seen) -> None:
    """A bus of before had more of them: their rows stay."""
    seen.keeps("old", 0, 1, 2, 3)
    assert seen.stopped_after(20, 0, 1) is None


def test_gateways_of_the_release_before_speak_of_no_partitions(seen: Seen) -> None:
    for number in range(20):
        seen.at += 1
        seen.says("1", f"old {number}", partitions=())
        seen.keeps(f"old {number}", number // 10)
        seen.path._carried_at = seen.path._written_at = seen.at
    assert seen.stopped_after(0) is None


def test_a_gateway_that_died_is_missed_until_the_broker_deals_it_nothing_more(seen: Seen) -> None:
    seen.says("2")
    assert seen.stopped_after(9, 0, 1) == Part.GATEWAY
    assert seen.stopped_after(FORGOTTEN_SECONDS - 10, 0, 1) == Part.GATEWAY
    assert seen.stopped_after(5, 0, 1) is None


def test_a_gateway_that_says_farewell_is_not_missed_where_another_stays(seen: Seen) -> None:
    assert seen.stopped_after(5, 0, 1, gateways=("1", "2")) is None
    seen.says("2", leaves=True)
    assert seen.stopped_after(20, 0, 1) is None


def test_the_last_gateway_is_missed_whatever_it_says(seen: Seen) -> None:
    assert seen.stopped_after(5, 0, 1) is None
    seen.says("1", leaves=True)
    assert seen.stopped_after(9, gateways=()) == Part.GATEWAY
