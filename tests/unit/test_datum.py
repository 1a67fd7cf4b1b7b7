"""Against pairs that others published, not against our own formulas turned round."""

from math import cos, hypot, radians
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.datum import Datum, to_wgs84, wgs84_to_gcj02


def metres_apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    return 111_195.0 * hypot(a[0] - b[0], (a[1] - b[1]) * cos(radians(a[0])))


# (lat, lon) WGS-84 and GCJ-02, from the tests of googollee/eviltransform: Shanghai, Shenzhen, Beijing
EVILTRANSFORM = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
]
# BD-09 and GCJ-02, from the tests of wandergis/coordtransform and of coordtransform-rs: Beijing
COORDTRANSFORM_BAIDU = ((39.915, 116.404), (39.90865673957631, 116.39762729119315))
# The example answer in the reference of Alibaba Cloud's coordinate conversion service (TransferCoord), Hangzhou
ALIYUN = {"GCJ-02": (30.279164, 120.026268), "BD-09": (30.285238, 120.032768), "WGS-84": (30.281543, 120.021519)}


@pytest.mark.parametrize(("wgs84", "gcj02"), EVILTRANSFORM)
def test_gcj_02_agrees_with_published_pairs_both_ways(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert metres_apart(to_wgs84(*gcj02, "GCJ-02"), wgs84) < 0.05
    assert metres_apart(wgs84_to_gcj02(*wgs84), gcj02) < 0.05


def test_bd_09_agrees_with_a_published_pair() -> None:
    bd09, gcj02 = COORDTRANSFORM_BAIDU
    assert metres_apart(to_wgs84(*bd09, "BD-09"), to_wgs84(*gcj02, "GCJ-02")) < 0.01
    assert metres_apart(wgs84_to_gcj02(*to_wgs84(*bd09, "BD-09")), gcj02) < 0.01


@pytest.mark.parametrize("datum", get_args(Datum))
def test_a_map_providers_own_example_is_met(datum: Datum) -> None:
    assert metres_apart(to_wgs84(*ALIYUN[datum], datum), ALIYUN["WGS-84"]) < 2.0


@given(st.floats(18.5, 53.0), st.floats(74.0, 134.0))
def test_what_was_turned_into_gcj_02_comes_back_to_the_centimetre(lat: float, lon: float) -> None:
    assert metres_apart(to_wgs84(*wgs84_to_gcj02(lat, lon), "GCJ-02"), (lat, lon)) < 0.01


@pytest.mark.parametrize("datum", get_args(Datum))
def test_a_place_outside_china_is_left_alone(datum: Datum) -> None:
    assert to_wgs84(-33.86, 151.21, datum) == (-33.86, 151.21)
