"""The words that sentences of this slice are made of: Chinese and English."""

from collections.abc import Sequence

from services.elders.model import AbilityLevel, RegisterFlag

Pair = tuple[str, str]

ABILITY: dict[AbilityLevel, Pair] = {
    AbilityLevel.INTACT: ("能力完好", "independent"),
    AbilityLevel.MILD: ("轻度失能", "mildly dependent"),
    AbilityLevel.MODERATE: ("中度失能", "moderately dependent"),
    AbilityLevel.SEVERE: ("重度失能", "severely dependent"),
    AbilityLevel.COMPLETE: ("完全失能", "fully dependent"),
}

FLAG: dict[RegisterFlag, Pair] = {
    RegisterFlag.LIVES_ALONE: ("独居", "living alone"),
    RegisterFlag.EMPTY_NEST: ("空巢", "empty nest"),
    RegisterFlag.LEFT_BEHIND: ("留守", "left behind"),
    RegisterFlag.DISABLED: ("失能", "disabled"),
    RegisterFlag.SEVERE_HANDICAP: ("重残", "severely handicapped"),
    RegisterFlag.SPECIAL_FAMILY: ("计划生育特殊家庭", "special family"),
    RegisterFlag.LOW_INCOME: ("低保", "low income"),
    RegisterFlag.ADVANCED_AGE: ("高龄", "advanced age"),
    RegisterFlag.DEMENTIA: ("失智", "dementia"),
}


def listed(pairs: Sequence[Pair]) -> Pair:
    """`a、b或c`, `a, b or c`."""
    chinese, english = [zh for zh, _ in pairs], [en for _, en in pairs]
    if len(pairs) == 1:
        return chinese[0], english[0]
    return "、".join(chinese[:-1]) + "或" + chinese[-1], ", ".join(english[:-1]) + " or " + english[-1]
