"""Ages, masks, reasons, seals and device passwords."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.business_day import business_day
from services.elders import credentials, rules
from services.elders.vault import SealBroken, Vault, derive_key
from services.people import masked_phone


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1940, 6, 1), date(2026, 5, 31), 85),
        (date(1940, 6, 1), date(2026, 6, 1), 86),
        (date(1944, 2, 29), date(2026, 2, 28), 81),
        (date(1944, 2, 29), date(2026, 3, 1), 82),
        (date(1944, 2, 29), date(2024, 2, 29), 80),
    ],
)
def test_age_is_counted_in_full_years(born: date, day: date, age: int) -> None:
    assert rules.age_on(born, day) == age


def test_the_business_day_is_that_of_shanghai() -> None:
    assert business_day(datetime(2026, 11, 21, 16, 0, tzinfo=UTC)) == date(2026, 11, 22)
    assert business_day(datetime(2026, 11, 21, 15, 59, tzinfo=UTC)) == date(2026, 11, 21)


def test_an_identity_number_is_masked_but_for_its_ends() -> None:
    assert rules.masked_identity_number("11010519491231002X") == "1101**********002X"


@pytest.mark.parametrize(
    ("phone", "masked"), [("13912341234", "139****1234"), ("0714123456", "********56"), ("110", "*10"), ("1", "1")]
)
def test_a_phone_is_masked(phone: str, masked: str) -> None:
    assert masked_phone(phone) == masked


@given(st.from_regex(r"[0-9+]{7,15}", fullmatch=True))
def test_a_masked_phone_never_shows_half_of_a_number(phone: str) -> None:
    masked = masked_phone(phone)
    assert len(masked) == len(phone)
    assert masked.count("*") >= 4


def test_a_reveal_needs_a_reason() -> None:
    assert rules.checked_reason("  家属来电核实 ") == "家属来电核实"
    for empty in ("", "   ", "ok"):
        with pytest.raises(rules.ReasonNeeded):
            rules.checked_reason(empty)


@pytest.mark.parametrize("device_id", ["W-000123", "abc", "9_-", "A" * 64])
def test_a_device_id_of_the_wire_is_accepted(device_id: str) -> None:
    rules.check_device_id(device_id)


@pytest.mark.parametrize("device_id", ["", "ab", "-abc", "_abc", "A" * 65, "W 123", "W/123", "W+1", "设备-1", "abc\n"])
def test_any_other_device_id_is_refused(device_id: str) -> None:
    with pytest.raises(rules.BadDeviceId):
        rules.check_device_id(device_id)


def test_the_codes_above_a_village_are_its_prefixes() -> None:
    assert rules.region_and_above("420202001002") == ["4202", "420202", "420202001", "420202001002"]
    assert rules.region_and_above("420202") == ["4202", "420202"]


SECRET = bytes(range(32))


def test_what_was_sealed_opens_for_the_same_elder() -> None:
    elder = uuid4()
    sealed = Vault(SECRET).seal("11010519491231002X", elder)
    assert b"1101" not in sealed
    assert Vault(SECRET).open(sealed, elder) == "11010519491231002X"


def test_the_same_number_is_never_sealed_the_same_way() -> None:
    elder, vault = uuid4(), Vault(SECRET)
    assert vault.seal("11010519491231002X", elder) != vault.seal("11010519491231002X", elder)


def test_a_seal_does_not_open_for_another_elder_or_with_another_key() -> None:
    elder = uuid4()
    sealed = Vault(SECRET).seal("11010519491231002X", elder)
    with pytest.raises(SealBroken):
        Vault(SECRET).open(sealed, uuid4())
    with pytest.raises(SealBroken):
        Vault(bytes(32)).open(sealed, elder)


@given(st.binary(max_size=80))
def test_no_other_bytes_open(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        Vault(SECRET).open(sealed, uuid4())


def test_the_blind_index_finds_a_number_again_and_needs_the_key() -> None:
    index = Vault(SECRET).blind_index("11010519491231002X")
    assert index == Vault(SECRET).blind_index("11010519491231002X")
    assert index != Vault(SECRET).blind_index("110105194912310038")
    assert index != Vault(bytes(32)).blind_index("11010519491231002X")


def test_each_purpose_has_a_key_of_its_own() -> None:
    assert derive_key(SECRET, "one") != derive_key(SECRET, "another")


def test_a_device_password_fits_its_hash_and_no_other() -> None:
    secret = credentials.new_secret()
    hashed = credentials.hash_secret(secret)
    assert hashed.startswith("$7$101$")
    assert secret not in hashed
    assert credentials.fits(secret, hashed)
    assert not credentials.fits(secret + "x", hashed)
    assert credentials.hash_secret(secret) != hashed


MADE_BY_MOSQUITTO = (
    "$7$101$JyFod2on5kYVCmht$pq2dXjVQ9KTK0wPVrCGS+XIRuSdfIbhuLgrsGr/2xxwtW/nodGLVqm2jlJQJf07BaFIE72i5X4gE+M++vgs0Rg=="
)
"""By `mosquitto_passwd -b FILE W-1 "open sesame"`, Mosquitto 2.0."""


def test_the_hash_is_the_one_mosquitto_makes() -> None:
    assert credentials.fits("open sesame", MADE_BY_MOSQUITTO)
    assert not credentials.fits("open sesam", MADE_BY_MOSQUITTO)
    with pytest.raises(ValueError, match="not a"):
        credentials.fits("x", "$6$101$c2FsdA==$aGFzaA==")
