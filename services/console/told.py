"""A move of a case, as it is notified and as consoles are told it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from contracts.alarm_case import CaseMoved
from services.alarms.model import AlarmCase

_MOVE = '{"op":"case",'


class _Elder(msgspec.Struct):
    id: UUID


class ToldCase(msgspec.Struct):
    """Of a `CaseView`, what the feed asks for."""

    id: UUID
    version: int
    state: str = "open"
    region_code: str | None = None
    elder: _Elder | None = None

    @property
    def elder_id(self) -> UUID | None:
        return self.elder.id if self.elder else None


class _Moved(msgspec.Struct):
    case: msgspec.Raw


_moved = msgspec.json.Decoder(_Moved)
read_case = msgspec.json.Decoder(ToldCase).decode


def case_in(value: bytes) -> bytes:
    """JSON of the case in a `CaseMoved`. :raises msgspec.DecodeError:"""
    return bytes(_moved.decode(value).case)


def frame_of(value: bytes, epoch: str, offset: int) -> str:
    """A `CaseMoved` as consoles are told it."""
    return f'{_MOVE}"epoch":"{epoch}","offset":{offset},' + value.decode().lstrip()[1:]


def is_move(frame: str) -> bool:
    return frame.startswith(_MOVE)


def found(case: AlarmCase, at: datetime) -> bytes:
    """As a `CaseMoved`, of a move that nobody notified of."""
    return CaseMoved.model_construct(move="sync", at=at, actor_name=None, case=case.view()).value()


@dataclass(frozen=True, slots=True)
class Told:
    """One move as it was sent, and who may see it."""

    offset: int
    region_code: str | None
    elder_id: UUID | None
    frame: str
