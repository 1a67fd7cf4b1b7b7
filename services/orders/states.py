"""The states of orders and visits and the moves between them; `docs/order-states.md` is drawn from these tables."""

from collections.abc import Collection
from enum import StrEnum
from itertools import product


class VisitState(StrEnum):
    WAITING = "waiting"  # 待派
    PLANNED = "planned"  # 已排
    OFFERED = "offered"  # 待接单
    ACCEPTED = "accepted"  # 已接单
    ON_THE_WAY = "on_the_way"  # 路上
    IN_SERVICE = "in_service"  # 服务中
    DONE = "done"  # 已完成
    CANCELLED = "cancelled"  # 已取消
    MISSED = "missed"  # 无人上门
    NOT_MET = "not_met"  # 老人不在
    INTERRUPTED = "interrupted"  # 中断


class VisitMove(StrEnum):
    ASSIGN = "assign"  # 派单
    RETIME = "retime"  # 改时间
    OFFER = "offer"  # 通知
    ACCEPT = "accept"  # 接单
    DECLINE = "decline"  # 不接
    EXPIRE = "expire"  # 超时未接
    RELEASE = "release"  # 收回
    WAIT = "wait"  # 仍待派
    LOCK = "lock"  # 锁定
    UNLOCK = "unlock"  # 解锁
    SET_OUT = "set_out"  # 出发
    BEGIN = "begin"  # 开始
    END = "end"  # 结束
    NOT_MET = "not_met"  # 老人不在
    INTERRUPT = "interrupt"  # 中断
    MISS = "miss"  # 无人上门
    DROP = "drop"  # 随订单取消
    REPLAN = "replan"  # 随订单改期


_S, _M = VisitState, VisitMove
FREE = (_S.WAITING, _S.PLANNED, _S.OFFERED, _S.ACCEPTED)
"""Dispatch may still place or move it."""
TOLD = (_S.OFFERED, _S.ACCEPTED, _S.ON_THE_WAY, _S.IN_SERVICE)
"""The worker knows of it."""
AGREED = (*TOLD[1:], _S.DONE)
"""A worker has said yes."""
TAKING = (_S.PLANNED, *TOLD)
"""The worker's time is taken."""
BEGUN = (_S.ON_THE_WAY, _S.IN_SERVICE)
OVER = (_S.DONE, _S.CANCELLED, _S.MISSED, _S.NOT_MET, _S.INTERRUPTED)

VISIT_MOVES: dict[tuple[VisitState, VisitMove], VisitState] = {
    **{(state, _M.ASSIGN): _S.PLANNED for state in FREE},
    **{(state, _M.RETIME): state for state in (_S.OFFERED, _S.ACCEPTED)},
    (_S.PLANNED, _M.OFFER): _S.OFFERED,
    **{(state, _M.ACCEPT): _S.ACCEPTED for state in (_S.OFFERED, _S.WAITING)},
    **{(state, _M.DECLINE): _S.WAITING for state in (_S.OFFERED, _S.ACCEPTED)},
    (_S.OFFERED, _M.EXPIRE): _S.WAITING,
    **{(state, _M.RELEASE): _S.WAITING for state in (*FREE[1:], _S.ON_THE_WAY)},
    (_S.WAITING, _M.WAIT): _S.WAITING,
    **{(state, move): state for state, move in product(FREE[1:], (_M.LOCK, _M.UNLOCK))},
    (_S.ACCEPTED, _M.SET_OUT): _S.ON_THE_WAY,
    **{(state, _M.BEGIN): _S.IN_SERVICE for state in (_S.ACCEPTED, _S.ON_THE_WAY, _S.MISSED)},
    (_S.IN_SERVICE, _M.END): _S.DONE,
    **{(state, _M.NOT_MET): _S.NOT_MET for state in (_S.ACCEPTED, _S.ON_THE_WAY)},
    **{(state, _M.INTERRUPT): _S.INTERRUPTED for state in BEGUN},
    **{(state, _M.MISS): _S.MISSED for state in (*FREE, _S.ON_THE_WAY)},
    **{(state, _M.DROP): _S.CANCELLED for state in (*FREE, _S.ON_THE_WAY)},
    **{(state, _M.REPLAN): _S.WAITING for state in FREE},
}
"""A missed visit may begin: the phone of who was there all along had no network. A waiting one may be accepted by who
did not answer in time."""


class OrderState(StrEnum):
    PLACED = "placed"  # 已下单
    ASSIGNED = "assigned"  # 已安排
    ACCEPTED = "accepted"  # 已接单
    UNDER_WAY = "under_way"  # 进行中
    DONE = "done"  # 已完成
    CANCELLED = "cancelled"  # 已取消
    MISSED = "missed"  # 无人上门
    NOT_MET = "not_met"  # 老人不在
    INTERRUPTED = "interrupted"  # 中断
    DISPUTED = "disputed"  # 有争议


class OrderMove(StrEnum):
    PLACE = "place"  # 下单
    CANCEL = "cancel"  # 取消
    RESCHEDULE = "reschedule"  # 改期
    AMEND = "amend"  # 改要求
    DISPUTE = "dispute"  # 提出异议
    SETTLE = "settle"  # 了结


_O = OrderState
ORDER_MOVES: dict[tuple[OrderState, OrderMove], OrderState | None] = {
    **{(state, OrderMove.CANCEL): _O.CANCELLED for state in (_O.PLACED, _O.ASSIGNED, _O.ACCEPTED, _O.UNDER_WAY)},
    **{(state, OrderMove.RESCHEDULE): _O.PLACED for state in (_O.PLACED, _O.ASSIGNED, _O.ACCEPTED)},
    **{(state, OrderMove.AMEND): None for state in (_O.PLACED, _O.ASSIGNED, _O.ACCEPTED)},
    **{(state, OrderMove.DISPUTE): _O.DISPUTED for state in (_O.DONE, _O.MISSED, _O.NOT_MET, _O.INTERRUPTED)},
    (_O.DISPUTED, OrderMove.SETTLE): None,
}
"""None: what the visits say. `place` makes an order; no state knows it."""

_ENDINGS = {
    _S.INTERRUPTED: _O.INTERRUPTED,
    _S.NOT_MET: _O.NOT_MET,
    _S.MISSED: _O.MISSED,
    _S.DONE: _O.DONE,
    _S.CANCELLED: _O.CANCELLED,
}
"""Of an order whose visits ended differently the first of these counts."""


def followed(visits: Collection[VisitState]) -> OrderState:
    """The state of an order whose visits are in these."""
    if all(state in OVER for state in visits):
        return next(order for visit, order in _ENDINGS.items() if visit in visits)
    if any(state in OVER or state in BEGUN for state in visits):
        return OrderState.UNDER_WAY
    if VisitState.WAITING in visits:
        return OrderState.PLACED
    return OrderState.ACCEPTED if set(visits) == {VisitState.ACCEPTED} else OrderState.ASSIGNED
