"""Refusals in the language that is asked for (RFC 9110 `Accept-Language`): `detail` is a sentence that says what can be
done instead. Refusals of orders say it themselves (`says`); here are those of everything around them. Pure."""

from collections.abc import Mapping
from typing import Any

ZH: Mapping[str, str] = {
    "not_found": "没有找到，或者您没有权限查看。请回到上一页重新选择；如果是授权被撤销了，请联系老人或呼叫中心。",
    "unavailable": "平台有一部分暂时没有回应，请稍后再试。",
    "dispatch.away": "调度暂时没有回应。订单照收，会先等着；请一分钟后再查看。",
    "dispatch.visit_begun": "这次上门已经开始，不能再改派给别人。",
    "grants.lacking": "您还没有这位老人的这项授权，请在“照看的人”里申请，或联系呼叫中心。",
    "orders.bad_order": "订单填写得不对，请核对标出的那一项。",
    "orders.cannot_go": "这位服务人员那时不能去，请换一位或换个时间。",
    "orders.fee_changed": "取消的费用已经变了，请看一下新的费用再确认。",
    "orders.illegal_move": "这张订单现在的情况不允许这样做，请重新看一下订单。",
    "orders.not_with_you": "这次上门已经不归您了，请不要前往。",
    "orders.not_yours": "这一步不由您来做，请联系呼叫中心。",
    "orders.reason_needed": "请写明原因，会保存下来给有关的人看。",
    "request.invalid": "有一项填写得不对，请核对后再提交。",
    "request.key_reused": "这个请求编号已经用于另一个请求，请重新打开页面再提交。",
    "request.stale_version": "您打开以后有人改过，请重新打开，看一下现在的内容再改。",
}
CANNOT_GO: Mapping[str, tuple[str, str]] = {
    "certificate": (
        "这位服务人员在服务当天没有有效的证书，请换一位，或先登记新的证书。",
        "On that day this worker has no valid certificate for it. Choose somebody else, or register the new one first.",
    ),
    "worker_taken": (
        "这位服务人员那段时间（含路上）已有安排或请了假，请换一位或换个时间。",
        "This worker is taken then, or on leave. Choose somebody else or another time.",
    ),
    "skill": (
        "这位服务人员没有这项服务所需的技能，请换一位。",
        "This worker lacks a skill that the service needs. Choose somebody else.",
    ),
    "refused": (
        "老人不再要这位服务人员，或者他不接这一单，请换一位。",
        "The elder does not want this worker, or they declined. Choose somebody else.",
    ),
    "sex": (
        "性别不符合老人的要求，请换一位。",
        "The elder asked for somebody of the other sex. Choose somebody else.",
    ),
    "worker_left": ("这位服务人员已经离职，请换一位。", "This worker has left. Choose somebody else."),
    "stale_version": (
        "这一单刚刚有变化，请看一下现在的情况再定。",
        "The order has just changed. Look at it as it is now, then decide.",
    ),
    "provider_not_serving": (
        "服务商已暂停服务，请联系家属改约别家。",
        "The provider is suspended. Ask the family to choose another.",
    ),
}
"""By the `reason` of `orders.cannot_go`."""


def language(accepted: str) -> str | None:
    """`zh` or `en`, whichever is liked better; None: neither is named."""
    liked = [(-_quality(part), at, part.strip()[:2].lower()) for at, part in enumerate(accepted.split(","))]
    return next((tag for less, _, tag in sorted(liked) if tag in ("zh", "en") and less < 0), None)


def _quality(part: str) -> float:
    for parameter in part.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def detail_in(wanted: str, body: Mapping[str, Any]) -> str | None:
    """None: it stays as it is."""
    says = body.get("says")
    if isinstance(says, Mapping) and wanted in says:
        return str(says[wanted])
    if body["code"] == "orders.cannot_go" and (known := CANNOT_GO.get(str(body.get("reason")))):
        return known[0] if wanted == "zh" else known[1]
    return ZH.get(body["code"]) if wanted == "zh" else body.get("detail") or body["title"]
