"""The open cases that a batch of events may join, kept up to date while the batch is handled. Pure."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from services.alarms.model import AlarmCase


class OpenCases:
    """The cases a batch of events may join, found by elder or, for a device bound to nobody, by device."""

    def __init__(self, cases: Iterable[AlarmCase]) -> None:
        self._by_id: dict[UUID, AlarmCase] = {}
        self._of_elder: dict[tuple[UUID, str], UUID] = {}
        self._of_device: dict[tuple[str, str], UUID] = {}
        self._untold: set[UUID] = set()
        for case in cases:
            self.put(case)

    def __iter__(self) -> Iterator[AlarmCase]:
        return iter(self._by_id.values())

    def put(self, case: AlarmCase) -> None:
        self._by_id[case.id] = case
        self._untold.discard(case.id)
        if case.elder is not None:
            self._of_elder[case.elder.id, case.join_key] = case.id
        self._of_device[case.device_id, case.join_key] = case.id

    def count(self, case: AlarmCase) -> None:
        """Stores changes that are no move; they are published with its next move."""
        self.put(case)
        self._untold.add(case.id)

    def untold(self) -> list[AlarmCase]:
        return [self._by_id[case_id] for case_id in self._untold]

    def find(self, key: str, *, device_id: str, elder_id: UUID | None) -> AlarmCase | None:
        """If a device changed hands while its case was open, that case does not go over to the next elder."""
        if elder_id is not None and (found := self._of_elder.get((elder_id, key))) is not None:
            return self._by_id[found]
        found = self._of_device.get((device_id, key))
        case = self._by_id[found] if found is not None else None
        another = case is not None and case.elder is not None and elder_id not in (None, case.elder.id)
        return None if another else case

    def of(self, *, device_id: str, elder_id: UUID | None) -> Iterator[AlarmCase]:
        """All that somebody may join."""
        for case in self._by_id.values():
            of_elder = elder_id is not None and case.elder is not None and case.elder.id == elder_id
            nobody = elder_id is None or case.elder is None
            if of_elder or (nobody and case.device_id == device_id):
                yield case
