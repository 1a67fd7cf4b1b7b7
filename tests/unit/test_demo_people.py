"""The invented people of the demo city."""

from itertools import islice

from services.elders.identity import parse
from services.elders.rules import check_agrees, check_device_id
from services.elders.store_regions import county_outlines, packaged_regions
from yian.demo import words
from yian.demo.people import TODAY, UNGIVEN_AREA, DemoPerson, people
from yian.demo.places import Places, read_counties

REGIONS = packaged_regions()
COUNTIES = read_counties(county_outlines())


def invented(count: int, seed: int = 1) -> list[DemoPerson]:
    return list(people(Places(REGIONS, COUNTIES, seed), count=count, seed=seed))


def test_the_city_has_its_counties_streets_and_villages() -> None:
    levels = [region.level for region in REGIONS]
    assert [levels.count(level) for level in ("city", "county", "street", "village")] == [1, 6, 57, 1040]
    assert set(COUNTIES) == {region.code for region in REGIONS if region.level == "county"}
    known = {region.code for region in REGIONS}
    assert all(region.parent_code in known for region in REGIONS if region.parent_code)


def test_the_same_seed_gives_the_same_people_and_more_of_them_begin_the_same() -> None:
    assert invented(40) == invented(60)[:40]
    assert invented(5, seed=2) != invented(5)


def test_everyone_lives_inside_their_own_county() -> None:
    for person in invented(300):
        elder = person.elder
        county = elder.region_code[:6]
        assert COUNTIES[county].holds((elder.location.lon, elder.location.lat))
        names = {region.code: region.name for region in REGIONS}
        assert elder.address.startswith(names["4202"] + names[county] + names[elder.region_code[:9]])


def test_all_six_counties_are_lived_in() -> None:
    assert {person.elder.region_code[:6] for person in invented(300)} == set(COUNTIES)


def test_identity_numbers_are_valid_unique_and_nobodys() -> None:
    everyone = invented(300)
    assert len({person.number.text for person in everyone}) == 300
    for person in everyone:
        assert person.number.text.startswith(UNGIVEN_AREA)
        check_agrees(person.elder, parse(person.number.text, today=TODAY))


def test_everyone_is_marked_as_invented_and_no_telephone_can_ring() -> None:
    for person in invented(300):
        assert person.elder.name[1:] in words.ELDERS_NAMES[person.elder.sex]
        assert "演示" in person.elder.address
        phones = [person.elder.phone, *(contact.phone for contact in person.contacts)]
        assert all(phone.startswith("101") and len(phone) == 11 for phone in phones)


def test_everyone_has_contacts_in_order_and_one_or_two_devices() -> None:
    devices = []
    for index, person in enumerate(invented(300), start=1):
        assert [contact.position for contact in person.contacts] == list(range(1, len(person.contacts) + 1))
        assert 2 <= len(person.contacts) <= 3
        assert 1 <= len(person.devices) <= 2
        assert person.devices[0].device_id == f"W-{index:06d}"
        devices += [device.device_id for device in person.devices]
    assert len(set(devices)) == len(devices)
    for device_id in devices:
        check_device_id(device_id)


def test_many_more_people_can_be_invented() -> None:
    places = Places(REGIONS, COUNTIES, 1)
    numbers = {person.number.text for person in islice(people(places, count=3000, seed=1), 3000)}
    assert len(numbers) == 3000
