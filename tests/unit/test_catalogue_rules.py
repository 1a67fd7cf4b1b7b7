"""The catalogue: which version holds, what it costs, who may have it, what they are offered."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.accounts.model import Scope
from services.catalogue import rules
from services.catalogue.offering import entries
from services.catalogue.rules import AboveCeiling, BeforeToday, CityOnly, NotSold, OutsideProvider
from services.catalogue.store import packaged
from services.catalogue.terms import TermsForm
from services.elders.model import AbilityLevel, RegisterFlag
from services.providers.model import ProviderState
from tests.unit.catalogue_scene import FIRST, elder, offer, provider, service, terms

DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
NOW = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)


@given(st.lists(DAYS, min_size=1, max_size=6), DAYS)
def test_the_version_that_began_last_holds_and_the_newer_of_two_of_one_day(begins: list[date], day: date) -> None:
    versions = [service(number, begin) for number, begin in enumerate(begins, start=1)]
    held = rules.in_force(versions, day)
    begun = [version for version in versions if version.valid_from <= day]
    if held is None:
        assert not begun
        return
    assert held.valid_from == max(version.valid_from for version in begun)
    assert not [v for v in begun if v.valid_from == held.valid_from and v.version > held.version]


@given(st.lists(st.tuples(DAYS, st.integers(0, 9000)), max_size=5), st.integers(0, 9000), DAYS)
def test_a_price_is_never_above_the_ceiling_of_the_day(ceilings: list[tuple[date, int]], price: int, day: date) -> None:
    services = [service(n, begin, ceiling_fen=fen) for n, (begin, fen) in enumerate(ceilings, start=1)]
    told = rules.price_on([offer(price)], services, day)
    held = rules.terms_on(services, day)
    assert told == (price if held and price <= held.ceiling_fen else None)


def test_a_price_is_that_of_the_day_and_none_once_it_is_withdrawn() -> None:
    offers = [offer(4000), offer(4200, 2, date(2026, 12, 1)), offer(4200, 3, date(2027, 1, 1), withdrawn=True)]
    days = (date(2025, 12, 31), date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [rules.price_on(offers, [service()], day) for day in days] == [None, 4000, 4200, 4200, None]


def test_a_price_above_the_ceiling_is_refused_and_both_are_named() -> None:
    with pytest.raises(AboveCeiling, match=r"¥46\.00 is asked, ¥45\.00 is the most") as refused:
        rules.check_offer(offer(4600), [service()], ("420202",))
    assert refused.value.members == {"price_fen": 4600, "ceiling_fen": 4500, "from_day": "2026-01-01"}


def test_a_price_above_a_ceiling_that_is_already_planned_is_refused_as_well() -> None:
    lowered = [service(), service(2, date(2026, 12, 1), ceiling_fen=3900)]
    with pytest.raises(AboveCeiling, match="2026-12-01"):
        rules.check_offer(offer(4000), lowered, ("420202",))
    rules.check_offer(offer(3900), lowered, ("420202",))


def test_what_is_not_sold_or_lies_outside_the_provider_is_not_offered() -> None:
    with pytest.raises(NotSold):
        rules.check_offer(offer(), [service(sold=False)], ("420202",))
    with pytest.raises(NotSold):
        rules.check_offer(offer(valid_from=date(2025, 1, 1)), [service()], ("420202",))
    with pytest.raises(OutsideProvider) as refused:
        rules.check_offer(offer(region_codes=("420202001", "420281")), [service()], ("420202",))
    assert refused.value.members == {"region_codes": ["420281"]}


def test_the_past_is_not_changed_and_a_county_does_not_write_the_citys_catalogue() -> None:
    rules.check_valid_from(FIRST, FIRST)
    with pytest.raises(BeforeToday):
        rules.check_valid_from(FIRST - timedelta(days=1), FIRST)
    rules.check_city(Scope(("4202",)))
    with pytest.raises(CityOnly):
        rules.check_city(Scope(("420281", "420202")))


def test_an_elder_for_whom_a_service_is_not_meant_is_told_why_in_both_languages() -> None:
    bound = terms(
        ability_levels=frozenset({AbilityLevel.SEVERE, AbilityLevel.COMPLETE}),
        register_flags=frozenset({RegisterFlag.LOW_INCOME}),
    )
    ability, flag = rules.why_not(bound, elder())
    assert (ability.code, flag.code) == ("ability_level", "register_flag")
    assert ability.says.zh == "这项服务面向重度失能或完全失能的老人，王银杏登记为能力完好。"
    assert "severely dependent or fully dependent" in ability.says.en
    assert flag.says.zh == "这项服务面向登记为低保的老人，王银杏没有这样的登记。"
    fits = elder(ability_level=AbilityLevel.SEVERE, register_flags=(RegisterFlag.LOW_INCOME,))
    assert rules.why_not(bound, fits) == []
    assert rules.why_not(terms(), elder()) == []


def test_what_is_offered_has_its_price_cheapest_first_and_the_first_moment() -> None:
    dear, cheap = provider(), provider(id=UUID(int=2), name="海棠居家养老")
    offers = [offer(4400), offer(3900, provider_id=cheap.id)]
    (entry,) = entries({"cleaning_home": [service()]}, [dear, cheap], offers, elder(), NOW)
    assert [(priced.provider.name, priced.price_fen) for priced in entry.offers] == [
        ("海棠居家养老", 3900),
        ("银杏居家养老", 4400),
    ]
    assert entry.earliest_at == NOW
    assert entry.reasons == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": ProviderState.SUSPENDED}, "no_provider"),
        ({"state": ProviderState.LEFT}, "no_provider"),
        ({"licence_until": date(2026, 11, 28)}, "no_provider"),
    ],
)
def test_who_may_not_serve_is_not_shown(change: dict[str, object], code: str) -> None:
    (entry,) = entries({"cleaning_home": [service()]}, [provider(**change)], [offer()], elder(), NOW)
    assert (entry.offers, [reason.code for reason in entry.reasons]) == ((), [code])


def test_an_offer_elsewhere_is_none_and_a_service_without_hours_says_so() -> None:
    one = {"cleaning_home": [service()]}
    (entry,) = entries(one, [provider()], [offer()], elder(region_code="420281104214"), NOW)
    assert [reason.code for reason in entry.reasons] == ["no_provider"]
    (entry,) = entries({"cleaning_home": [service(openings=())]}, [provider()], [offer()], elder(), NOW)
    assert (entry.earliest_at, [reason.code for reason in entry.reasons]) == (None, ["no_time"])
    assert entries({"cleaning_home": [service(sold=False)]}, [provider()], [offer()], elder(), NOW) == []


def test_the_price_is_that_of_the_day_on_which_it_could_begin() -> None:
    dearer_tomorrow = [offer(4000), offer(4300, 2, date(2026, 11, 30))]
    services = {"cleaning_home": [service(notice_min=24 * 60)]}
    (entry,) = entries(services, [provider()], dearer_tomorrow, elder(), NOW)
    assert [(priced.price_fen, priced.offer_version) for priced in entry.offers] == [(4300, 2)]


def test_the_citys_seed_holds_the_seven_categories_and_reads_as_it_was_written() -> None:
    categories, services = packaged()
    codes = [category.code for category in categories]
    assert codes[:7] == [
        "meal", "cleaning", "mobility", "bathing", "medical_escort", "emergency", "nursing_care",
    ]  # fmt: skip
    assert {service.terms.category for service in services} == set(codes)
    assert len({service.code for service in services}) == len(services)
    for one in services:
        assert TermsForm.of(one.terms).terms() == one.terms, one.code
        assert one.terms.openings, one.code


@pytest.mark.parametrize(
    "change",
    [
        {"openings": [{"weekdays": [1], "begin": "10:00", "end": "10:00"}]},
        {"openings": [{"weekdays": [1, 2], "begin": b, "end": e} for b, e in (("08:00", "12:00"), ("11:00", "13:00"))]},
        {"openings": [{"weekdays": [8], "begin": "08:00", "end": "12:00"}]},
        {"openings": [{"weekdays": [1], "begin": "8:00", "end": "25:00"}]},
        {"second_after_min": 30},
        {"ceiling_fen": -1},
        {"surprise": 1},
    ],
)
def test_terms_that_will_not_do_are_refused(change: dict[str, object]) -> None:
    form = TermsForm.of(terms()).model_dump(mode="json")
    with pytest.raises(ValidationError):
        TermsForm.model_validate(form | change)
