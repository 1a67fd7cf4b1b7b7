"""One golden JSON per event and version: what was once published can still be read, and is published so still."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts import (
    alarm_case,
    alarm_path,
    assignment,
    dead_letter,
    device_event,
    downlink,
    elder,
    order,
    response,
    series,
    staff,
    telemetry,
    welfare,
)
from contracts.alarm_case import CaseMoved, CaseView, ElderOnCase, OperatorOnCase
from contracts.alarm_kind import AlarmKind, Note
from contracts.alarm_path import BusProbed, GatewaySign, PathProbe
from contracts.assignment import (
    AssignmentNotFound,
    AssignmentProposed,
    AssignmentRefused,
    PlacedVisit,
    TellingDue,
)
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceEvent, DeviceStatus, Location, Reading, Remark
from contracts.downlink import CommandDue, Receipt, ReceiptsDue
from contracts.elder import ElderLifeChanged
from contracts.envelope import Event
from contracts.order import (
    DishOnOrder,
    NameOnOrder,
    OrderMoved,
    OrderView,
    PersonOnOrder,
    PlaceOnOrder,
    SubsidyOnOrder,
    VisitView,
)
from contracts.response import ElderOnStep, StepTaken
from contracts.series import PaysOnSeries, SeriesDateRefused, SeriesPriceChanges, SeriesSubsidyEnds, SeriesSubsidyFalls
from contracts.staff import StaffChanged
from contracts.telemetry import TelemetryMessage, decode_batch, encode_batch
from contracts.welfare import WelfareDueMoved

GOLDEN = Path(__file__).parent / "golden"
AT = datetime(2026, 11, 22, 0, 0, 0, 140_000, tzinfo=UTC)

EVENTS: tuple[Event, ...] = (
    DeviceEvent(
        device_id="W-000123",
        event_id="5b0c7f6e",
        wire_type="device.low_battery",
        kinds=(AlarmKind.SOS, AlarmKind.LOW_BATTERY, Note.TEST),
        device_time=AT,
        received_at=AT + timedelta(milliseconds=17),
        occurred_at=AT,
        time_suspect=False,
        location=Location(lat=30.2012, lon=115.0387, accuracy_m=15, fix="gps", source_datum="GCJ-02"),
        battery_pct=4,
        readings=(Reading(name="heart_rate", unit="beat/min", value=118),),
        data={"button": "left"},
        data_digest="9c1185a5c5e9fc54",
        remarks=(Remark(code="type.respelled", sent="DEVICE.LOW_BATTERY"),),
        times=3,
        garbled_code=None,
        garbled_detail=None,
    ),
    DeviceStatus(
        device_id="W-000123", online=True, at=AT, received_at=AT, retained=False, firmware="1.4.2", model="W3"
    ),
    DeadLetter(
        letter_id="0f" * 16,
        device_id="W-000123",
        lane="yian.device.event",
        code="record.unhandled",
        detail="kinds: a list is needed",
        received_at=AT,
        payload=b"\x00[3G*8800000015*\xff",
        key="W-000123",
        headers={"ce_type": "device.event_received.v1"},
    ),
    ReceiptsDue(
        device_id="W-000123",
        receipts=(
            Receipt(id="a1", status="answered", at=AT, case_id="c-1"),
            Receipt(id=None, status="rejected", at=AT, code="event.not_json", detail="not JSON"),
        ),
    ),
    PathProbe(probe_id="7c" * 16, gateway_id="1", sent_at=AT),
    GatewaySign(gateway_id="1", at=AT, probe_id="7c" * 16, probe_heard_seconds_ago=0.25, partitions=(0, 1)),
    BusProbed(app_id="a9" * 16),
    CommandDue(device_id="W-000123", command_id="k1", type="command.ring", expires_at=AT, data={"seconds": 5}),
    CaseMoved(
        move="claim",
        at=AT,
        actor_name="王坐席",
        case=CaseView(
            id=UUID(int=1),
            version=2,
            kind=AlarmKind.SOS,
            priority=1,
            worklist=False,
            state="claimed",
            device_id="W-000123",
            wire_type="device.sos",
            elder=ElderOnCase(
                id=UUID(int=2), name="李水杉", age=83, sex="female", ability_level="moderate", address="黄石港区"
            ),
            region_code="420202001001",
            opened_at=AT,
            occurred_at=AT,
            received_at=AT,
            rang_at=AT,
            time_suspect=False,
            press_count=2,
            location=Location(lat=30.2012, lon=115.0387),
            located_at=AT,
            battery_pct=41,
            fall_cancelled_at=AT,
            claimed_by=OperatorOnCase(id=UUID(int=3), name="王坐席"),
            lease_until=AT + timedelta(minutes=1),
            first_claimed_at=AT,
            closed_at=None,
            outcome=None,
        ),
    ),
    OrderMoved(
        move="accept",
        visit_id=UUID(int=11),
        at=AT,
        actor_name="王师傅",
        reason="顺路",
        order=OrderView(
            id=UUID(int=10),
            version=4,
            state="accepted",
            area="420202",
            region_code="420202001001",
            elder=PersonOnOrder(id=UUID(int=2), name="李水杉"),
            place=PlaceOnOrder(lat=30.2012, lon=115.0387),
            provider=PersonOnOrder(id=UUID(int=12), name="安康居家养老"),
            service_code="meal_lunch",
            service_version=2,
            service_name=NameOnOrder(zh="送午餐", en="Lunch delivered"),
            day=date(2026, 11, 23),
            wished_from=AT,
            wished_until=AT + timedelta(minutes=30),
            duration_min=10,
            second_after_min=0,
            skills=("meal",),
            certificates=("health",),
            worker_sex="female",
            refused_worker_ids=(UUID(int=19),),
            urgent=False,
            unit="portion",
            quantity=2,
            price_fen=1500,
            total_fen=3000,
            self_pay_fen=2500,
            subsidies=(
                SubsidyOnOrder(
                    scheme_code="meal_subsidy",
                    scheme_version=2,
                    name=NameOnOrder(zh="助餐补贴", en="Meal subsidy"),
                    units=1,
                    fen=500,
                    award_id=UUID(int=18),
                    monthly_fen=20000,
                ),
            ),
            kitchen_id=UUID(int=13),
            kitchen_place=PlaceOnOrder(lat=30.21, lon=115.04),
            fresh_min=45,
            dishes=(
                DishOnOrder(
                    dish_id=UUID(int=14), name=NameOnOrder(zh="冬瓜排骨", en="Ribs"), price_fen=1500, portions=2
                ),
            ),
            series_id=UUID(int=15),
            usual_worker_ids=(UUID(int=16),),
            placed_at=AT,
            visits=(
                VisitView(
                    id=UUID(int=11),
                    position=0,
                    state="accepted",
                    worker=PersonOnOrder(id=UUID(int=16), name="王师傅"),
                    sets_out_at=AT,
                    starts_at=AT + timedelta(minutes=12),
                    ends_at=AT + timedelta(minutes=22),
                    picks_up=True,
                    told_starts_at=AT + timedelta(minutes=12),
                    offer_expires_at=AT + timedelta(minutes=10),
                    locked=True,
                    refused_worker_ids=(UUID(int=17),),
                    waits_because="no_room",
                ),
            ),
        ),
    ),
    AssignmentProposed(
        proposal_id=UUID(int=20),
        area="420202",
        order_id=UUID(int=10),
        visits=(
            PlacedVisit(
                visit_id=UUID(int=11),
                order_id=UUID(int=10),
                order_version=3,
                worker_id=UUID(int=16),
                sets_out_at=AT,
                starts_at=AT + timedelta(minutes=12),
                ends_at=AT + timedelta(minutes=22),
                picks_up=True,
            ),
        ),
        tell_at=AT,
        why={"terms": {"travel": [12.0, 12.0]}},
        at=AT,
    ),
    AssignmentNotFound(
        area="420202", order_id=UUID(int=10), order_version=3, reason="no_room", stopped_by={"shift": 3}, at=AT
    ),
    TellingDue(area="420202", visit_ids=(UUID(int=11),), at=AT),
    AssignmentRefused(
        proposal_id=UUID(int=20),
        area="420202",
        order_id=UUID(int=10),
        reason="worker_taken",
        worker_ids=(UUID(int=16),),
        at=AT,
    ),
    StaffChanged(
        area="420202",
        worker_id=UUID(int=16),
        provider_id=UUID(int=12),
        what="leave",
        first_day=date(2026, 11, 23),
        last_day=date(2026, 11, 24),
        released_visit_ids=(UUID(int=11),),
        at=AT,
    ),
    SeriesPriceChanges(
        series_id=UUID(int=15),
        elder=PersonOnOrder(id=UUID(int=2), name="李水杉"),
        area="420202",
        region_code="420202001001",
        service_code="cleaning_home",
        service_name=NameOnOrder(zh="居家保洁", en="Cleaning"),
        from_day=date(2026, 12, 22),
        price_fen_before=4000,
        price_fen=4400,
        at=AT,
    ),
    SeriesSubsidyEnds(
        series_id=UUID(int=15),
        elder=PersonOnOrder(id=UUID(int=2), name="李水杉"),
        area="420202",
        region_code="420202001001",
        service_code="cleaning_home",
        service_name=NameOnOrder(zh="居家保洁", en="Cleaning"),
        from_day=date(2027, 1, 5),
        subsidies=(NameOnOrder(zh="政府购买服务", en="Services bought by the city"),),
        goes_on=True,
        at=AT,
    ),
    SeriesSubsidyFalls(
        series_id=UUID(int=15),
        elder=PersonOnOrder(id=UUID(int=2), name="李水杉"),
        area="420202",
        region_code="420202001001",
        service_code="meal_lunch",
        service_name=NameOnOrder(zh="送午餐", en="Lunch delivered"),
        from_day=date(2027, 1, 1),
        unit="portion",
        subsidy=NameOnOrder(zh="高龄助餐补贴", en="Meal subsidy"),
        pays_before=PaysOnSeries(unit_fen=800, units_a_day=1),
        pays=PaysOnSeries(unit_fen=500, units_a_day=1, monthly_fen=10000),
        at=AT,
    ),
    SeriesDateRefused(
        series_id=UUID(int=15),
        elder=PersonOnOrder(id=UUID(int=2), name="李水杉"),
        area="420202",
        region_code="420202001001",
        service_code="meal_lunch",
        service_name=NameOnOrder(zh="送午餐", en="Lunch delivered"),
        day=date(2026, 12, 3),
        code="orders.kitchen_closed",
        says=NameOnOrder(zh="银杏食堂目前不供餐，请选择其他食堂。", en="The kitchen is closed. Please choose another."),
        tried_again=True,
        at=AT,
    ),
    WelfareDueMoved(
        elder_id=UUID(int=2),
        region_code="420202006008",
        month=date(2026, 11, 1),
        due_from=date(2026, 11, 1),
        due_until=date(2026, 11, 30),
        weekly=False,
        version=4,
        state="visited",
        visited_on=date(2026, 11, 20),
        order_id=UUID(int=10),
        code="welfare.not_met",
        at=AT,
    ),
    ElderLifeChanged(
        elder=PersonOnOrder(id=UUID(int=2), name="李水杉"),
        version=3,
        region_code="420202006008",
        region_before="420202006008",
        move="to_hospital",
        state="in_hospital",
        from_day=date(2026, 12, 3),
        until_day=date(2026, 12, 10),
        visits_ended=4,
        actor_name="李女士",
        by_family=True,
        at=AT,
    ),
    StepTaken(
        case_id=UUID(int=1),
        kind=AlarmKind.SOS,
        elder=ElderOnStep(id=UUID(int=2), name="李水杉"),
        region_code="420202006008",
        opened_at=AT,
        occurred_at=AT,
        plan_id=UUID(int=16),
        plan_version=2,
        step=5,
        period=3,
        who="community",
        channel="suggestion",
        number="0714-7654321",
        during="unclaimed",
        after_seconds=180,
        since=AT,
        due_at=AT + timedelta(seconds=180),
        at=AT + timedelta(seconds=180, milliseconds=40),
    ),
)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TYPE)
def test_an_event_is_written_and_read_as_its_golden_file_says(event: Event) -> None:
    golden = (GOLDEN / f"{event.TYPE}.json").read_bytes()
    assert json.loads(event.value()) == json.loads(golden)
    assert type(event).read(golden) == event


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TYPE)
def test_a_reader_of_today_passes_over_what_tomorrow_adds(event: Event) -> None:
    free = {"data", "headers", "why", "stopped_by"}

    def grown(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {key: item if key in free else grown(item) for key, item in value.items()}
            return {"added_later": {"x": [1]}, **kept}
        return [grown(item) for item in value] if isinstance(value, list) else value

    assert type(event).read(json.dumps(grown(json.loads(event.value()))).encode()) == event


def test_a_telemetry_batch_is_written_and_read_as_its_golden_file_says() -> None:
    golden = bytes.fromhex((GOLDEN / f"{telemetry.TYPE}.msgpack.hex").read_text())
    messages = [
        TelemetryMessage("W-000123", 1_795_307_335_140_000, b'[{"n":"heart_rate","v":72}]'),
        TelemetryMessage("W-000124", 1_795_307_335_150_000, b"\xff"),
    ]
    assert encode_batch(messages) == golden
    assert decode_batch(golden) == messages


def test_every_event_has_a_golden_file() -> None:
    modules = (
        alarm_case,
        alarm_path,
        assignment,
        dead_letter,
        device_event,
        downlink,
        elder,
        order,
        response,
        series,
        staff,
        welfare,
    )
    events = {
        item.TYPE
        for module in modules
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Event) and hasattr(item, "TYPE")
    }
    assert events == {event.TYPE for event in EVENTS}
    assert {path.name.removesuffix(".json") for path in GOLDEN.glob("*.json")} == events
