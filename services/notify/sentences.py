"""What the family is told, and what everybody around an order is: each sentence in Chinese and in English. Pure.

Whoever reads one may have read none before it: the elder's name is in each, and what is done next, where anything is.
"""

from datetime import datetime

from contracts.order import VisitView
from services.notify import words
from services.notify.model import Person, Said, VisitKnown
from services.notify.scene import Scene
from services.notify.words import called, clock, minutes, when

# --- to the family


def placed(scene: Scene) -> Said:
    order, name = scene.order, scene.order.service_name
    time = words.between(order.wished_from, order.wished_until, scene.now)
    return Said(
        f"已为{scene.elder}预约{time.zh} 的{name.zh}，由{order.provider.name}提供。定下上门的师傅后马上告诉您。",
        f"{name.en} for {scene.elder} is booked {time.en}, from {order.provider.name}."
        " We will tell you as soon as it is settled who comes.",
    )


def agreed(scene: Scene, visit: VisitView, worker: Person) -> Said:
    who, time, name = called(worker.name), when(scene.begin(visit), scene.now), scene.order.service_name
    return Said(
        f"{who.zh}已接单，{time.zh} 到{scene.elder}家（{name.zh}）。",
        f"{name.en} for {scene.elder}: {who.en} has agreed to come {time.en}.",
    )


def comes_after_all(scene: Scene, visit: VisitView, worker: Person, known: VisitKnown) -> Said:
    """It was said that somebody else is looked for: `王秀英明天 9:00 的助浴还是由王师傅上门，时间不变。`"""
    what, who = scene.what(known.expected_at or scene.begin(visit)), called(worker.name)
    return Said(
        f"{what.zh}还是由{who.zh}上门，时间不变。",
        f"{what.en}: {who.en} will come after all. The time stays the same.",
    )


def worker_changed(scene: Scene, visit: VisitView, worker: Person, known: VisitKnown, *, moved: bool) -> Said:
    """`王秀英明天 9:00 的助浴改由李师傅上门，因为王师傅请假。时间不变。`"""
    before, who = known.expected_at or scene.begin(visit), called(worker.name)
    what, time = scene.what(before), words.then(scene.begin(visit), before, scene.now)
    why = words.reason(known.because, known.lost.name) if known.lost else None
    instead = f" instead of {known.lost.name}" if known.lost else ""
    because = Said(f"，因为{why.zh}", f", because {why.en}") if why else Said("", "")
    return Said(
        f"{what.zh}改由{who.zh}上门{because.zh}。" + (f"时间改到{time.zh}。" if moved else "时间不变。"),
        f"{what.en}: {who.en} will come{instead}{because.en}."
        + (f" The new time is {time.en.removeprefix('at ')}." if moved else " The time stays the same."),
    )


def time_changed(scene: Scene, visit: VisitView, worker: Person, known: VisitKnown) -> Said:
    before, who = known.expected_at or scene.begin(visit), called(worker.name)
    what, time = scene.what(before), words.then(scene.begin(visit), before, scene.now)
    return Said(
        f"{what.zh}改到{time.zh}，上门的还是{who.zh}。",
        f"{what.en}: {who.en} will come {time.en} instead.",
    )


def rescheduled(scene: Scene, before: datetime) -> Said:
    order, what, by = scene.order, scene.what(before), scene.event.actor_name
    time = words.between(order.wished_from, order.wished_until, scene.now)
    if order.wished_until - order.wished_from <= words.ONE_TIME:
        time = words.then(order.wished_from, before, scene.now)
    settled = Said("定下上门的师傅后马上告诉您。", "We will tell you as soon as it is settled who comes.")
    if scene.event.reason == words.HOLIDAY:
        return Said(
            f"国家调整了节假日，{what.zh}改到{time.zh}。{settled.zh}",
            f"The public holidays have been changed: {words.inside(what.en)} is now {time.en}. {settled.en}",
        )
    if by is None:
        return Said(f"{what.zh}改到{time.zh}。{settled.zh}", f"{what.en} has been moved: it is {time.en}. {settled.en}")
    return Said(
        f"{by}把{what.zh}改到{time.zh}。{settled.zh}",
        f"{by} has moved {words.inside(what.en)}: it is {time.en}. {settled.en}",
    )


def looking(scene: Scene, known: VisitKnown, lost: Person) -> Said:
    what, who = scene.what(known.expected_at or scene.order.wished_from), called(lost.name)
    if known.because == words.PROVIDER_SUSPENDED:
        provider = scene.order.provider.name
        return Said(
            f"{what.zh}先不上门：{provider}暂停服务。恢复后马上安排；您也可以取消后改约别家，不收费用。",
            f"{what.en} has to wait: {provider} has suspended its services. It is arranged as soon as they are back;"
            " you can also cancel it free of charge and choose another provider.",
        )
    why = None if known.because == "declined" else words.reason(known.because, lost.name)
    cannot = Said(f"{who.zh}来不了", f"{who.en} cannot come")
    if why and words.is_about_worker(known.because):
        cannot = Said(f"{why.zh}，来不了", f"{who.en} cannot come, because {why.en}")
    elif why:
        cannot = Said(f"因为{why.zh}，{who.zh}不来了", f"{who.en} will not come, because {why.en}")
    return Said(
        f"{what.zh}，{cannot.zh}。正在另找师傅，找到后马上告诉您。",
        f"{what.en}: {cannot.en}. We are looking for somebody else and will tell you as soon as we have found them.",
    )


def on_the_way(scene: Scene, visit: VisitView, worker: Person, *, late: bool) -> Said:
    """`王师傅正在去王秀英家的路上（上门助浴），约 8 分钟到。`"""
    who, name = called(worker.name), scene.order.service_name
    label = f"{name.en} for {scene.elder}: {who.en}"
    if late or visit.sets_out_at is None or visit.starts_at is None:
        return Said(f"{who.zh}已出发去{scene.elder}家（{name.zh}）。", f"{label} has set out.")
    left = minutes(visit.starts_at - visit.sets_out_at)
    return Said(
        f"{who.zh}正在去{scene.elder}家的路上（{name.zh}），约 {left} 分钟到。",
        f"{label} is on the way and will be there in about {left} min.",
    )


def begun(scene: Scene, visit: VisitView, worker: Person) -> Said:
    who, at, name = called(worker.name), clock(scene.done_at(visit.starts_at)), scene.order.service_name
    return Said(
        f"{who.zh} {at} 到了{scene.elder}家，{name.zh}开始了。",
        f"{name.en} for {scene.elder} has begun: {who.en} arrived at {at}.",
    )


def done(scene: Scene, visit: VisitView) -> Said:
    at, name = clock(scene.done_at(visit.ends_at)), scene.order.service_name
    if scene.is_meal:
        return Said(f"{scene.elder}的{name.zh} {at} 已送到。", f"{name.en}: it reached {scene.elder} at {at}.")
    zh, en = f"{scene.elder}的{name.zh} {at} 做完了", f"{name.en} for {scene.elder} was finished at {at}"
    if visit.worker is None:
        return Said(f"{zh}。", f"{en}.")
    who = called(visit.worker.name)
    return Said(f"{zh}，{who.zh}已离开。", f"{en}; {who.en} has left.")


# --- to everybody around the order


def cancelled(scene: Scene, at: datetime) -> Said:
    what, by = scene.what(at), scene.event.actor_name
    if scene.event.reason == words.PROVIDER_LEFT:
        provider = scene.order.provider.name
        return Said(
            f"{provider}不再提供服务，{what.zh}已取消，可以改约别家。",
            f"{provider} no longer serves: {words.inside(what.en)} has been cancelled, and can be ordered elsewhere.",
        )
    if scene.event.reason == words.HOLIDAY:
        return Said(
            f"国家调整了节假日，{what.zh}按约定取消。",
            f"The public holidays have been changed: {words.inside(what.en)} is cancelled, as agreed.",
        )
    if by is None:
        return Said(f"{what.zh}已取消。", f"{what.en} has been cancelled.")
    return Said(f"{by}取消了{what.zh}。", f"{by} has cancelled {words.inside(what.en)}.")


def with_fee(scene: Scene, said: Said) -> Said:
    """What the cancelling costs, for those who pay."""
    fee = scene.order.cancel_fee_fen
    if fee is None:
        return said
    if fee == 0:
        return Said(f"{said.zh}不收费用。", f"{said.en} Nothing is charged.")
    charged = words.yuan(fee)
    return Said(f"{said.zh}按规定收取 {charged}。", f"{said.en} By the rules {charged} is charged.")


def missed(scene: Scene, visit: VisitView, expected: Person | None, *, family: bool) -> Said:
    """:param expected: who knew that it was theirs"""
    what = scene.what(scene.begin(visit))
    came = Said("没有人上门", "nobody came")
    if expected:
        who = called(expected.name)
        came = Said(f"{who.zh}没有到", f"{who.en} did not come")
    next_step = Said("请联系老人和服务商。", "Please call the elder and the provider.")
    if family:
        next_step = Said("值班人员已经知道，会处理。", "The people on duty know of it and will see to it.")
    return Said(f"{what.zh}，{came.zh}。{next_step.zh}", f"{what.en}: {came.en}. {next_step.en}")


def not_met(scene: Scene, visit: VisitView, *, family: bool) -> Said:
    who = called(visit.worker.name) if visit.worker else Said("师傅", "the worker")
    at, name = clock(scene.done_at(visit.ends_at)), scene.order.service_name
    next_step = Said("请联系老人和家属，确认老人平安。", "Please call the elder, then the family: is all well?")
    if family:
        next_step = Said(f"请给{scene.elder}打个电话。", f"Please give {scene.elder} a call.")
    return Said(
        f"{who.zh} {at} 到了{scene.elder}家，没有见到人，{name.zh}没有做成。{next_step.zh}",
        f"{name.en} for {scene.elder} could not be done: {who.en} was there at {at} and met nobody. {next_step.en}",
    )


def interrupted(scene: Scene, visit: VisitView) -> Said:
    at, name = clock(scene.done_at(visit.ends_at)), scene.order.service_name
    zh, en = f"{scene.elder}的{name.zh} {at} 中断了", f"{name.en} for {scene.elder} was broken off at {at}"
    return Said(f"{zh}，没有做完。", f"{en}.")
