"""Does a dish meet an elder's allergy? Allergies are written by people, so words are recognised, and who is not sure
asks. Pure; the words are data (`data/allergens.json`).

A word is looked for at its longest: 核桃 is a nut and not a peach, 鱼香 is a sauce and not a fish.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources

from services.catalogue.kitchens import Dish
from services.catalogue.model import Words
from services.catalogue.rules import Reason
from services.elders.model import Elder

_BETWEEN = re.compile(r"[、，,;；/。|\n]|和|及|与|或|\band\b|\bor\b")
_AROUND = re.compile(r"^\s*(严重|轻度|轻微)?(对|有)?|(严重|轻度|轻微)?(食物|食品)?(过敏史|过敏)?\s*$")
_NOTHING = {"", "无", "没有", "暂无", "否", "none", "no", "nil"}
_COMPOUND_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "夏侯", "令狐")


@dataclass(frozen=True, slots=True)
class Allergen:
    code: str
    name: Words


@dataclass(frozen=True, slots=True)
class Lexicon:
    allergens: dict[str, Allergen]
    words: dict[str, frozenset[str] | None]
    """What a word stands for, in lower case, the longest first. Nothing: it is no food. None: it only sounds like one
    of the allergens, and what it is itself the list does not know."""
    kin: tuple[frozenset[str], ...]
    """Who cannot bear one of these is often harmed by another."""

    def codes_in(self, text: str) -> tuple[frozenset[str], bool]:
        """Allergens named in a text, and whether any word of it was recognised."""
        rest, found, known = text.lower(), frozenset[str](), False
        for word, codes in self.words.items():
            if word in rest:
                rest, found, known = rest.replace(word, "\0"), found | (codes or set()), known or codes is not None
        return found, known

    def akin_to(self, codes: frozenset[str]) -> frozenset[str]:
        return frozenset().union(*(kin for kin in self.kin if kin & codes)) - codes


def _read() -> Lexicon:
    kept = json.loads((resources.files("services.catalogue") / "data" / "allergens.json").read_text("utf-8"))
    allergens = {one["code"]: Allergen(one["code"], Words(one["zh"], one["en"])) for one in kept["allergens"]}
    words: dict[str, frozenset[str] | None] = {}
    for one in kept["allergens"]:
        words |= dict.fromkeys([one["zh"], one["en"], *one["words"]], frozenset({one["code"]}))
    for group in kept["groups"]:
        words |= dict.fromkeys(group["words"], frozenset(group["means"]))
    words |= dict.fromkeys(kept["no_food"], frozenset())
    words |= dict.fromkeys(kept["only_sounds_like_one"], None)
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    kin = tuple(frozenset(group) for group in kept["kin"])
    return Lexicon(allergens, {word.lower(): words[word] for word in longest_first}, kin)


LEXICON = _read()


def check(dish: Dish, elder: Elder, lexicon: Lexicon = LEXICON) -> list[Reason]:
    """Why this elder is not given the dish: it holds what harms her, or nobody can tell. Empty: it may be ordered."""
    declared = frozenset(dish.allergens)
    named, _ = lexicon.codes_in(f"{dish.name.zh} {dish.name.en} {dish.other_allergens}")
    unread = [part for part in _parts(dish.other_allergens) if not lexicon.codes_in(part)[1]]
    reasons = []
    for allergy in _parts("、".join(elder.allergies)):
        codes, known = lexicon.codes_in(allergy)
        if known and not codes:
            continue  # a medicine, pollen: no matter of food
        reason = _met(dish, elder, allergy, holds=declared | named, codes=codes, lexicon=lexicon) or (
            None if known and not unread else _unsure(dish, elder, allergy, unread)
        )
        if reason:
            reasons.append(reason)
    return reasons


def _parts(text: str) -> list[str]:
    parts = (_AROUND.sub("", part).strip() for part in _BETWEEN.split(text))
    return [part for part in parts if part.lower() not in _NOTHING]


def _met(
    dish: Dish, elder: Elder, allergy: str, *, holds: frozenset[str], codes: frozenset[str], lexicon: Lexicon
) -> Reason | None:
    zh, en = f"{called(elder)}对{allergy}过敏", f"{elder.name} is allergic to {allergy}"
    if met := holds & codes:
        what = _named(met, lexicon)
        return Reason(
            "allergy", Words(f"{dish.name.zh}：含{what.zh}，{zh}。", f"{dish.name.en}: contains {what.en}; {en}.")
        )
    if not codes and allergy.lower() in f"{dish.name.zh} {dish.name.en} {dish.other_allergens}".lower():
        return Reason(
            "allergy", Words(f"{dish.name.zh}：含{allergy}，{zh}。", f"{dish.name.en}: contains {allergy}; {en}.")
        )
    if near := holds & lexicon.akin_to(codes):
        what = _named(near, lexicon)
        return Reason(
            "allergy_ask",
            Words(
                f"{dish.name.zh}：含{what.zh}，{zh}，两者可能交叉过敏，请先询问医生或食堂。",
                f"{dish.name.en}: contains {what.en}; {en}, and the two may cross-react. Please ask a doctor or the"
                " kitchen first.",
            ),
        )
    return None


def _unsure(dish: Dish, elder: Elder, allergy: str, unread: Sequence[str]) -> Reason:
    holds_zh = f"含“{unread[0]}”，" if unread else ""
    holds_en = f"contains “{unread[0]}”; " if unread else ""
    return Reason(
        "allergy_ask",
        Words(
            f"{dish.name.zh}：{holds_zh}{called(elder)}对{allergy}过敏，无法确定能否食用，请先询问食堂。",
            f"{dish.name.en}: {holds_en}{elder.name} is allergic to {allergy}, and it is not certain that this dish is"
            " safe. Please ask the kitchen first.",
        ),
    )


def _named(codes: Iterable[str], lexicon: Lexicon) -> Words:
    names = [lexicon.allergens[code].name for code in sorted(codes)]
    return Words("、".join(name.zh for name in names), ", ".join(name.en for name in names))


def called(elder: Elder) -> str:
    """王银杏 → 王奶奶."""
    surname = elder.name[:2] if elder.name.startswith(_COMPOUND_SURNAMES) else elder.name[:1]
    return surname + ("奶奶" if elder.sex == "female" else "爷爷")
