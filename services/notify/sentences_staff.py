"""What the worker is told, and those who must act: each sentence in Chinese and in English. Pure."""

from datetime import datetime

from contracts.order import VisitView
from services.notify import words
from services.notify.model import Person, Said
from services.notify.scene import Scene
from services.notify.words import called, clock

# --- to the worker


def offered(scene: Scene, visit: VisitView) -> Said:
    what, took = scene.what(scene.begin(visit)), scene.order.duration_min
    answer = Said("请回复能不能去。", "Please say whether you can go.")
    if visit.offer_expires_at:
        by = clock(visit.offer_expires_at)
        answer = Said(f"请在 {by} 前回复能不能去。", f"Please say by {by} whether you can go.")
    return Said(f"{what.zh}，约 {took} 分钟。{answer.zh}", f"{what.en}, about {took} min. {answer.en}")


def given(scene: Scene, visit: VisitView) -> Said:
    what = scene.what(scene.begin(visit))
    return Said(f"{what.zh}已排给您。", f"{what.en}: it is yours to do.")


def moved(scene: Scene, visit: VisitView, before: datetime) -> Said:
    what, time = scene.what(before), words.then(scene.begin(visit), before, scene.now)
    return Said(f"{what.zh}改到{time.zh}。", f"{what.en}: it begins {time.en} instead.")


def amended(scene: Scene, at: datetime) -> Said:
    what = scene.what(at)
    return Said(
        f"{what.zh}的要求有改动，请打开看一下。", f"{what.en}: what is asked for has changed. Please open it and look."
    )


def taken_off(scene: Scene, at: datetime, code: str | None) -> Said:
    what, why = scene.what(at), Said("", "")
    if code in ("leave", "sick", "worker_absent"):
        why = Said("，因为您那时请假", ", because you are on leave then")
    if code == words.PROVIDER_SUSPENDED:
        why = Said("，因为服务商暂停服务", ", because the provider has suspended its services")
    if code in (words.ADDRESS_CHANGED, "no_position"):
        why = Said("，因为老人的住址换了", ", because the elder lives elsewhere now")
    if code == "rescheduled":
        why = Said("，因为时间改了", ", because the time was changed")
    return Said(f"{what.zh}不用您去了{why.zh}。", f"{what.en}: you need not go{why.en}.")


def offer_gone(scene: Scene, at: datetime) -> Said:
    what = scene.what(at)
    return Said(
        f"{what.zh}，没有等到您的回复，已另找人。",
        f"{what.en}: you did not answer in time, and somebody else is being asked.",
    )


def called_off(scene: Scene, at: datetime, life: Said) -> Said:
    """To the worker and the provider: why, and what is asked of them."""
    name, time = scene.order.service_name, words.when(at, scene.now)
    zh = f"{life.zh}，{time.zh} 的{name.zh}不用去了"
    en = f"{life.en}. {name.en} {time.en} has been called off: nobody need go"
    if scene.event.reason == "elder.died":
        return Said(f"{zh}，也请不要打电话打扰家属。", f"{en}. Please do not call the family.")
    return Said(f"{zh}。", f"{en}.")


# --- to those who must act


def waits(scene: Scene, visit: VisitView, lost: Person | None) -> Said:
    """:param lost: who had agreed and will not come after all: it may have been arranged once already"""
    what, why = scene.what(scene.begin(visit)), words.waiting_because(visit.waits_because)
    nobody = Said("还没有人去", ": nobody has it yet")
    if lost:
        who = called(lost.name)
        nobody = Said(f"，{who.zh}不去了，还没有别人去", f": {who.en} will not come, and nobody else has it yet")
    because = Said(f"：{why.zh}。", f"; {why.en}.") if why else Said("，", ".")
    return Said(f"{what.zh}{nobody.zh}{because.zh}请安排。", f"{what.en}{nobody.en}{because.en} Please arrange it.")


def disputed(scene: Scene) -> Said:
    name, by = scene.order.service_name, scene.event.actor_name
    return Said(
        f"{by or '家属'}对{scene.elder}的{name.zh}有异议，请处理。",
        f"{by or 'The family'} disputes {words.inside(name.en)} for {scene.elder}. Please see to it.",
    )
