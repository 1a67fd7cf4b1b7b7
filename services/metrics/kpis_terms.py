"""What several figures leave out, and since when their definitions hold."""

from datetime import date

from services.catalogue.model import Words
from services.metrics.model import Exclusion

FROM_THE_START = date(2020, 1, 1)

CANCELLED = Exclusion(
    code="cancelled",
    says=Words("取消（不含因无人可派而取消的）", "called off, and not because nobody could come"),
    where="state = 'cancelled' AND NOT unserved",
)
NOT_OVER = Exclusion(
    code="not_over",
    says=Words("尚未结束", "not over yet"),
    where="state NOT IN ('done', 'missed', 'not_met', 'interrupted', 'cancelled')",
)
