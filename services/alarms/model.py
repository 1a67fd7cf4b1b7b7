"""A case: what an alarm becomes, who holds it, and the one table of what may happen to it. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.alarm_case import CaseView, ElderOnCase, OperatorOnCase
from contracts.alarm_kind import PRIORITY, WORKLIST_PRIORITY, AlarmKind
from contracts.device_event import Location
from services.errors import DomainError


class IllegalMove(DomainError):
    code = "alarms.illegal_move"
    status = 409
    title = "The case does not allow this move now"


class AlarmState(StrEnum):
    OPEN = "open"  # 待认领
    CLAIMED = "claimed"  # 已认领
    CALLING = "calling"  # 通话中
    RESPONDING = "responding"  # 已派人
    CLOSED = "closed"  # 已结案


class AlarmMove(StrEnum):
    OPEN = "open"  # 立案：born, not moved to; no state leads there by it
    PRESS = "press"  # 再次按下
    GROW = "grow"  # 同一告警补充了数据
    CANCEL_REPORTED = "cancel_reported"  # 设备报告取消
    CLAIM = "claim"  # 认领
    CALL = "call"  # 拨打
    CALL_DONE = "call_done"  # 通话结果
    RESPOND = "respond"  # 派人
    NOTE = "note"  # 备注
    RELEASE = "release"  # 放回
    LAPSE = "lapse"  # 认领过期
    CLOSE = "close"  # 结案
    REOPEN = "reopen"  # 重新打开
    ESCALATE = "escalate"  # 升级
    ATTEND = "attend"  # 家属在场


_S, _M = AlarmState, AlarmMove

MOVES: dict[tuple[AlarmState, AlarmMove], AlarmState] = {
    (_S.OPEN, _M.PRESS): _S.OPEN,
    (_S.OPEN, _M.GROW): _S.OPEN,
    (_S.OPEN, _M.CANCEL_REPORTED): _S.OPEN,
    (_S.OPEN, _M.NOTE): _S.OPEN,
    (_S.OPEN, _M.ESCALATE): _S.OPEN,
    (_S.OPEN, _M.ATTEND): _S.OPEN,
    (_S.OPEN, _M.CLAIM): _S.CLAIMED,
    (_S.CLAIMED, _M.PRESS): _S.CLAIMED,
    (_S.CLAIMED, _M.GROW): _S.CLAIMED,
    (_S.CLAIMED, _M.CANCEL_REPORTED): _S.CLAIMED,
    (_S.CLAIMED, _M.NOTE): _S.CLAIMED,
    (_S.CLAIMED, _M.ESCALATE): _S.CLAIMED,
    (_S.CLAIMED, _M.ATTEND): _S.CLAIMED,
    (_S.CLAIMED, _M.CALL): _S.CALLING,
    (_S.CLAIMED, _M.RESPOND): _S.RESPONDING,
    (_S.CLAIMED, _M.RELEASE): _S.OPEN,
    (_S.CLAIMED, _M.LAPSE): _S.OPEN,
    (_S.CLAIMED, _M.CLOSE): _S.CLOSED,
    (_S.CALLING, _M.PRESS): _S.CALLING,
    (_S.CALLING, _M.GROW): _S.CALLING,
    (_S.CALLING, _M.CANCEL_REPORTED): _S.CALLING,
    (_S.CALLING, _M.NOTE): _S.CALLING,
    (_S.CALLING, _M.ESCALATE): _S.CALLING,
    (_S.CALLING, _M.ATTEND): _S.CALLING,
    (_S.CALLING, _M.CALL_DONE): _S.CLAIMED,
    (_S.CALLING, _M.RESPOND): _S.RESPONDING,
    (_S.CALLING, _M.RELEASE): _S.OPEN,
    (_S.CALLING, _M.LAPSE): _S.OPEN,
    (_S.CALLING, _M.CLOSE): _S.CLOSED,
    (_S.RESPONDING, _M.PRESS): _S.RESPONDING,
    (_S.RESPONDING, _M.GROW): _S.RESPONDING,
    (_S.RESPONDING, _M.CANCEL_REPORTED): _S.RESPONDING,
    (_S.RESPONDING, _M.NOTE): _S.RESPONDING,
    (_S.RESPONDING, _M.ESCALATE): _S.RESPONDING,
    (_S.RESPONDING, _M.ATTEND): _S.RESPONDING,
    (_S.RESPONDING, _M.CALL): _S.RESPONDING,
    (_S.RESPONDING, _M.CALL_DONE): _S.RESPONDING,
    (_S.RESPONDING, _M.RESPOND): _S.RESPONDING,
    (_S.RESPONDING, _M.RELEASE): _S.OPEN,
    (_S.RESPONDING, _M.LAPSE): _S.OPEN,
    (_S.RESPONDING, _M.CLOSE): _S.CLOSED,
    (_S.CLOSED, _M.NOTE): _S.CLOSED,
    (_S.CLOSED, _M.ESCALATE): _S.CLOSED,
    (_S.CLOSED, _M.REOPEN): _S.OPEN,
}
"""(state, move) → the state after it; what is not here is refused. docs/alarm-states.md is drawn from this."""

RINGS = frozenset({_M.OPEN, _M.PRESS, _M.LAPSE, _M.REOPEN})
"""Moves after which every console rings. A release does not: the operator chose it."""

HELD = frozenset({_S.CLAIMED, _S.CALLING, _S.RESPONDING})
"""States in which one operator holds the case by a lease."""


class Outcome(StrEnum):
    HANDLED_BY_PHONE = "handled_by_phone"  # 电话处理
    FAMILY_ATTENDED = "family_attended"  # 家属到场
    RESPONDER_ATTENDED = "responder_attended"  # 人员到场
    AMBULANCE_CALLED = "ambulance_called"  # 已转120
    FALSE_ALARM = "false_alarm"  # 误报
    TEST = "test"  # 测试
    DEVICE_FAULT = "device_fault"  # 设备故障
    UNREACHABLE = "unreachable"  # 联系不上
    DUPLICATE = "duplicate"  # 重复


class Escalation(StrEnum):
    """Whom a case that nobody takes has reached."""

    SECOND_OPERATOR = "second_operator"  # 第二坐席
    SUPERVISOR = "supervisor"  # 值班长


class CallResult(StrEnum):
    ANSWERED = "answered"  # 已接通
    NO_ANSWER = "no_answer"  # 无人接听
    BUSY = "busy"  # 占线
    WRONG_NUMBER = "wrong_number"  # 号码错误
    REFUSED = "refused"  # 拒接


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did it. None in its place means the platform itself, or the device."""

    id: UUID
    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """The elder to whom a device is bound at this moment, as far as a case needs it."""

    elder: ElderOnCase
    region_code: str | None
    response_plan: dict[str, Any] = field(default_factory=dict)
    not_there: bool = False
    """In hospital, away, gone, or dead: an alarm still rings, what is only technical does not."""


class AlarmCase(Struct, frozen=True, kw_only=True):
    id: UUID
    kind: AlarmKind
    join_key: str
    """Two alarms of one elder (or device) with the same key are one case: `joining.join_key`."""
    state: AlarmState = AlarmState.OPEN
    version: int = 1
    device_id: str
    wire_type: str | None = None
    elder: ElderOnCase | None = None
    region_code: str | None = None
    response_plan: dict[str, Any] = {}
    """Copied when the case opens: a plan that is changed tomorrow does not rewrite what was to be done tonight."""
    opened_at: datetime
    occurred_at: datetime
    received_at: datetime
    rang_at: datetime
    time_suspect: bool = False
    press_count: int = 1
    counted: int = 0
    """Presses since the last one with an entry of its own. `counted_from` and `counted_to` say when they occurred."""
    counted_from: datetime | None = None
    counted_to: datetime | None = None
    location: Location | None = None
    located_at: datetime | None = None
    battery_pct: float | None = None
    battery_at: datetime | None = None
    fall_cancelled_at: datetime | None = None
    claimed_by: OperatorOnCase | None = None
    claimed_at: datetime | None = None
    lease_until: datetime | None = None
    first_claimed_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    escalation: Escalation | None = None
    """How far it has gone up since nobody holds it."""
    attended_by: str | None = None
    """Who of the family said last to be with her."""

    @property
    def priority(self) -> int:
        return PRIORITY[self.kind]

    @property
    def worklist(self) -> bool:
        return self.priority == WORKLIST_PRIORITY

    @property
    def subject(self) -> str:
        """What a repeat press is matched by: the elder, or the device if it is bound to nobody."""
        return f"elder:{self.elder.id}" if self.elder else f"device:{self.device_id}"

    def held_by(self, account_id: UUID) -> bool:
        return self.claimed_by is not None and self.claimed_by.id == account_id

    def after(self, move: AlarmMove) -> Self:
        """:raises IllegalMove:"""
        try:
            state = MOVES[self.state, move]
        except KeyError:
            raise IllegalMove(
                f"{move} is not allowed while the case is {self.state}", state=str(self.state), move=str(move)
            ) from None
        moved = replace(self, state=state, version=self.version + 1)
        if state in HELD:
            return replace(moved, escalation=None)
        return replace(moved, claimed_by=None, claimed_at=None, lease_until=None)

    def view(self) -> CaseView:
        return CaseView.model_construct(**self.shown())

    def shown(self) -> dict[str, Any]:
        """The fields of `CaseView`."""
        return {
            "id": self.id,
            "version": self.version,
            "kind": self.kind,
            "priority": self.priority,
            "worklist": self.worklist,
            "state": self.state.value,
            "device_id": self.device_id,
            "wire_type": self.wire_type,
            "elder": self.elder,
            "region_code": self.region_code,
            "opened_at": self.opened_at,
            "occurred_at": self.occurred_at,
            "received_at": self.received_at,
            "rang_at": self.rang_at,
            "time_suspect": self.time_suspect,
            "press_count": self.press_count,
            "location": self.location,
            "located_at": self.located_at,
            "battery_pct": self.battery_pct,
            "fall_cancelled_at": self.fall_cancelled_at,
            "claimed_by": self.claimed_by,
            "lease_until": self.lease_until,
            "first_claimed_at": self.first_claimed_at,
            "closed_at": self.closed_at,
            "outcome": self.outcome.value if self.outcome else None,
            "escalation": self.escalation.value if self.escalation else None,
            "attended_by": self.attended_by,
        }


class Entry(Struct, frozen=True, kw_only=True):
    """One line of the timeline; `seq` is the version the move led to."""

    seq: int
    move: AlarmMove
    state: AlarmState
    recorded_at: datetime
    """The database's clock."""
    received_at: datetime | None = None
    """The gateway's clock, where a device did it."""
    device_at: datetime | None = None
    """The device's clock, as sent, even if wrong."""
    actor: Actor | None = None
    detail: dict[str, Any] = {}
    idempotency_key: str | None = None


class Joined(Struct, frozen=True, kw_only=True):
    """One event in one case; its device gets receipts for it."""

    case_id: UUID
    device_id: str
    event_id: str
    happening: str
    """Which happening of that id: `identity.happening_of`."""
    occurred_at: datetime
    device_time: datetime | None
    received_at: datetime
    owed: bool
    """False if the platform made the id, so that no device knows it: for garbled messages, floods, faults, and events
    counted together."""
    answered_at: datetime | None = None


class Moved(Struct, frozen=True, kw_only=True):
    """A case after one move, and the entry that records it."""

    case: AlarmCase
    entry: Entry
    joined: Joined | None = None
    """The event that made the move, where one did."""
