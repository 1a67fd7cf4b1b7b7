"""Facts of ten minutes at the operators' desks: that they were looked at, who was on shift, and which alarms rang.
Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

from services.metrics.facts import CaseFact

WINDOW = timedelta(minutes=10)
"""As ISA-18.2 counts."""
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_WINDOWS = UUID("0d6a7a8e-51c7-5d0f-8a0e-5b1f6e0f9a34")
"""The space of names of windows."""
_NOBODY = UUID(int=0)
_DIGITS = (12, 9, 6, 4, 2)
"""Of the codes that regions have."""


class LoadFact(NamedTuple):
    """The columns of `load_facts`, from `event_id` on."""

    event_id: str
    window_id: UUID
    what: str
    subject_id: UUID
    happened_at: datetime
    received_at: datetime
    begins_at: datetime
    region_code: str | None
    regions: list[str]
    standing: int


class OnShift(NamedTuple):
    """An operator at the desk for most of ten minutes."""

    operator_id: UUID
    regions: list[str]
    standing: int
    """Alarms of these regions that were not closed when the ten minutes ended."""


def window_at(at: datetime) -> datetime:
    """When the ten minutes began."""
    return at - (at - _EPOCH) % WINDOW


def rang_fact(fact: CaseFact) -> LoadFact | None:
    """None: the move brought no new alarm to the operators' screens."""
    if fact.move != "open" or fact.worklist:
        return None
    begins_at = window_at(fact.opened_at)
    return LoadFact(
        event_id=fact.event_id,
        window_id=window_name(begins_at),
        what="rang",
        subject_id=fact.case_id,
        happened_at=fact.opened_at,
        received_at=fact.received_at,
        begins_at=begins_at,
        region_code=fact.region_code,
        regions=[],
        standing=0,
    )


def looked_facts(begins_at: datetime, on_shift: Iterable[OnShift], looked_at: datetime) -> list[LoadFact]:
    """Of ten minutes in which nobody was on shift as well."""
    window_id, said = window_name(begins_at), f"look/desks/{begins_at:%Y-%m-%dT%H:%MZ}"
    looked = LoadFact(said, window_id, "looked", _NOBODY, begins_at, looked_at, begins_at, None, [], 0)
    return [
        looked,
        *(
            LoadFact(
                f"{said}/{one.operator_id}", window_id, "on_shift", one.operator_id, begins_at, looked_at, begins_at,
                common_region(one.regions), one.regions, one.standing,
            )
            for one in on_shift
        ),
    ]  # fmt: skip


def window_name(begins_at: datetime) -> UUID:
    return uuid5(_WINDOWS, begins_at.astimezone(UTC).isoformat())


def common_region(codes: Sequence[str]) -> str:
    """The smallest region that holds all of them; '': there is none."""
    first, last = min(codes, default=""), max(codes, default="")
    shared = (first[:digits] for digits in _DIGITS if len(first) >= digits)
    return next((code for code in shared if last.startswith(code)), "")


def shares(on_shift: Mapping[UUID, Sequence[str]], rang: Iterable[str | None]) -> dict[UUID, float]:
    """How many alarms each operator had: one that several could see is shared by them. As `store_folds.WINDOWS`.

    :param rang: the region of each alarm; None: everybody sees it
    """
    load = dict.fromkeys(on_shift, 0.0)
    for region in rang:
        seers = [one for one, regions in on_shift.items() if region is None or region.startswith(tuple(regions))]
        for one in seers:
            load[one] += 1 / len(seers)
    return {one: round(alarms, 6) for one, alarms in load.items()}
