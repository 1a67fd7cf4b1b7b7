"""What the search does not know and people ask about: what has begun or was decided by a person, and why somebody does
not go to this elder. In both languages. Pure."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from contracts.order import OrderView, VisitView
from services.assignment.answers import Sentences
from services.business_day import ZONE

_BEGUN = {
    "on_the_way": ("{who} 已经出发，{at} 到。出发以后不再换人。", "{who} has set out and comes at {at}: it stays so."),
    "in_service": ("{who} {at} 已经到了，正在服务。", "{who} came at {at} and is at work."),
    "done": ("{who} {at} 来过，已经做完了。", "{who} came at {at} and has finished."),
}
_LOCKED = (
    "{at}，{who} 到。这是调度员定下来的，不自动换人；要换人请先解锁。",
    "{at}: {who}. A dispatcher has settled it, so it is not planned anew; to change it, unlock it first.",
)
_PAIRED = ("{who} 只和别的老人结对，不去这一家。", "{who} is paired with other elders and does not come to this one.")
_DECLINED = ("{who} 推掉了这一单，或已经被换下。", "{who} has declined it, or was taken off it.")


def settled(view: OrderView, visit_ids: Collection[str], names: Mapping[str, str]) -> Sentences:
    """Who comes, and why that is not compared with anybody else. :param names: by worker id"""
    return _both(line for visit in view.visits if str(visit.id) in visit_ids for line in _of_visit(visit, names))


def _of_visit(visit: VisitView, names: Mapping[str, str]) -> list[tuple[str, str]]:
    said = _BEGUN.get(visit.state) or (_LOCKED if visit.locked else None)
    if said is None or visit.worker is None or visit.starts_at is None:
        return []
    who, at = names.get(str(visit.worker.id), visit.worker.name), f"{visit.starts_at.astimezone(ZONE):%H:%M}"
    return [(said[0].format(who=who, at=at), said[1].format(who=who, at=at))]


def not_to_this_elder(view: OrderView, worker_id: UUID, who: str, *, paired_with_others: bool) -> Sentences | None:
    """None: it is the elder who does not want them."""
    if paired_with_others:
        said = _PAIRED
    elif any(worker_id in visit.refused_worker_ids for visit in view.visits):
        said = _DECLINED
    else:
        return None
    return _both([(said[0].format(who=who), said[1].format(who=who))])


def _both(lines: Iterable[tuple[str, str]]) -> Sentences:
    said = list(lines)
    return Sentences(zh=tuple(zh for zh, _ in said), en=tuple(en for _, en in said))
