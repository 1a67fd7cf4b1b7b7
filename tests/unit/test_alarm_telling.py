"""What is told of a move reads back as the case it was told of."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.alarm_case import CaseMoved, ElderOnCase, OperatorOnCase
from contracts.alarm_kind import AlarmKind
from contracts.device_event import Location
from services.alarms.model import Actor, AlarmCase, AlarmMove, Entry, Moved
from services.alarms.telling import told

moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
elders = st.builds(
    ElderOnCase, id=st.uuids(), name=names, age=st.none() | st.integers(0, 120), address=st.none() | names
)
places = st.builds(Location, lat=st.floats(-90, 90), lon=st.floats(-180, 180), accuracy_m=st.none() | st.just(15.0))
cases = st.builds(
    AlarmCase,
    id=st.uuids(),
    version=st.integers(1, 1000),
    kind=st.sampled_from(AlarmKind),
    wire_type=st.none() | names,
    elder=st.none() | elders,
    opened_at=moments,
    occurred_at=moments,
    received_at=moments,
    rang_at=moments,
    location=st.none() | places,
    located_at=st.none() | moments,
    battery_pct=st.none() | st.floats(0, 100),
    claimed_by=st.none() | st.builds(OperatorOnCase, id=st.uuids(), name=names),
    lease_until=st.none() | moments,
)


@given(cases, moments, st.sampled_from(AlarmMove), st.none() | names)
def test_a_move_reads_back_as_the_case_with_whoever_made_it(
    case: AlarmCase, at: datetime, move: AlarmMove, name: str | None
) -> None:
    actor = Actor(id=UUID(int=1), name=name, role="operator") if name else None
    entry = Entry(seq=case.version, move=move, state=case.state, recorded_at=at, actor=actor)
    record = told(Moved(case=case, entry=entry))
    read = CaseMoved.read(record.value)
    assert (read.case.model_dump(), read.move, read.at, read.actor_name) == (case.view().model_dump(), move, at, name)
    assert record.key == str(case.id)
