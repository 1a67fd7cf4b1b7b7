"""What a page is told of a notice."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notify.model import Notice, NoticeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    id: UUID
    kind: NoticeKind
    order_id: UUID | None
    visit_id: UUID | None
    series_id: UUID | None
    elder_id: UUID
    zh: str
    en: str
    told_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, notice: Notice) -> "NoticeView":
        return cls(
            id=notice.id,
            kind=notice.kind,
            order_id=notice.order_id,
            visit_id=notice.visit_id,
            series_id=notice.series_id,
            elder_id=notice.elder_id,
            zh=notice.said.zh,
            en=notice.said.en,
            told_at=notice.told_at,
            read_at=notice.read_at,
        )


@dataclass(frozen=True, slots=True)
class NoticePage:
    items: list[NoticeView]
    next_cursor: str | None
    unread: int


@dataclass(frozen=True, slots=True)
class Unread:
    unread: int
