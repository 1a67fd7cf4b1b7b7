"""The embedded broker's reading of Mosquitto's ACL file."""

from typing import Literal

import pytest

from yian.servers.access import Rule, covers, read_rules
from yian.servers.mqtt import FILES

DEVICES, GATEWAYS = (read_rules((FILES / name).read_text().splitlines()) for name in ("acl-devices", "acl-gateways"))


def allowed(user: str, access: Literal["read", "write"], topic: str, *, rules: list[Rule] = DEVICES) -> bool:
    return any(rule.allows(user, access, topic) for rule in rules)


@pytest.mark.parametrize("topic", ["yian/v1/W-1/up/event", "yian/v1/W-1/up/telemetry", "yian/v1/W-1/up/status"])
def test_a_device_writes_below_its_own_up_branch(topic: str) -> None:
    assert allowed("W-1", "write", topic)


@pytest.mark.parametrize(
    "topic", ["yian/v1/W-2/up/event", "yian/v1/W-1/down/receipt", "yian/v1/W-10/up/event", "other", "yian/v1/up/event"]
)
def test_a_device_writes_nowhere_else(topic: str) -> None:
    assert not allowed("W-1", "write", topic)


@pytest.mark.parametrize("topic", ["yian/v1/W-1/down/#", "yian/v1/W-1/down/receipt", "yian/v1/W-1/down/+"])
def test_a_device_reads_below_its_own_down_branch(topic: str) -> None:
    assert allowed("W-1", "read", topic)


@pytest.mark.parametrize(
    "topic", ["#", "yian/#", "yian/v1/+/down/#", "yian/v1/W-2/down/receipt", "yian/v1/W-1/up/event", "+/v1/W-1/down/#"]
)
def test_a_device_reads_nothing_else_however_wide_it_asks(topic: str) -> None:
    assert not allowed("W-1", "read", topic)


def test_the_gateway_reads_all_that_devices_say_and_writes_answers() -> None:
    assert allowed("yian.gateway", "read", "yian/v1/+/up/#", rules=GATEWAYS)
    assert allowed("yian.gateway", "write", "yian/v1/W-1/down/receipt", rules=GATEWAYS)
    assert not allowed("yian.gateway", "write", "yian/v1/W-1/up/event", rules=GATEWAYS)


def test_what_a_gateway_may_is_its_own_and_nobody_elses() -> None:
    assert not allowed("W-1", "read", "yian/v1/+/up/#", rules=GATEWAYS)
    assert not allowed("yian.gateway", "read", "yian/v1/+/up/#")


def test_a_filter_covers_what_it_matches_and_no_more() -> None:
    assert covers("a/#", "a/b/c")
    assert covers("a/+/c", "a/+/c")
    assert not covers("a/+/c", "a/#")
    assert not covers("a/b", "a")
    assert not covers("a/b", "a/+")


@pytest.mark.parametrize("line", ["subject x", "topic everything a/b"])
def test_a_line_that_is_not_understood_is_refused_rather_than_skipped(line: str) -> None:
    with pytest.raises(ValueError, match="ACL file"):
        read_rules([line])
