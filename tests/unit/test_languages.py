"""A refusal says what can be done instead, in the language that is asked for."""

import pytest

from services.app.languages import CANNOT_GO, ZH, detail_in, language


@pytest.mark.parametrize(
    ("accepted", "wanted"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.5", "en"),
        ("de, zh;q=0.2", "zh"),
        ("fr;q=0.9,en;q=0.1", "en"),
        ("zh;q=0", None),
        ("zh;q=high", None),
        ("*", None),
        ("", None),
    ],
)
def test_the_language_that_is_liked_best_is_found(accepted: str, wanted: str | None) -> None:
    assert language(accepted) == wanted


def test_what_a_refusal_says_itself_comes_first() -> None:
    body = {"code": "orders.past_time", "title": "t", "says": {"zh": "过去了。", "en": "Past."}}
    assert (detail_in("zh", body), detail_in("en", body)) == ("过去了。", "Past.")


def test_who_cannot_go_is_told_why_in_both() -> None:
    for reason, (zh, en) in CANNOT_GO.items():
        body = {"code": "orders.cannot_go", "title": "t", "detail": reason, "reason": reason}
        assert (detail_in("zh", body), detail_in("en", body)) == (zh, en)


def test_every_sentence_is_whole_and_what_nobody_has_put_into_words_stays_english() -> None:
    for zh in (*ZH.values(), *(zh for zh, _ in CANNOT_GO.values())):
        assert zh.endswith("。")
    assert detail_in("zh", {"code": "nobody.knows", "title": "Something"}) is None
    assert detail_in("en", {"code": "nobody.knows", "title": "Something"}) == "Something"
