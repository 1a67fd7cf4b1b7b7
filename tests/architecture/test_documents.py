"""OpenAPI and AsyncAPI: committed, and the same as what the code says."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from contracts.topics import ALL
from yian.documents import DOCUMENTS, text_of
from yian.documents.asyncapi import LANES, asyncapi
from yian.documents.wire_schemas import EVENTS
from yian.servers.places import CHECKOUT


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_committed_document_is_what_the_code_says(path: Path) -> None:
    assert path.read_text() == text_of(DOCUMENTS[path]()), "run `yian documents` and commit what it wrote"


def test_every_topic_of_the_bus_is_described() -> None:
    assert {lane.topic for lane in LANES} == set(ALL)


def test_every_reference_leads_somewhere() -> None:
    document = asyncapi()
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)):
        found: Any = document
        for part in reference.split("/"):
            assert part in found, reference
            found = found[part]


def test_a_plain_press_is_as_described() -> None:
    event = {"specversion": "1.0", "id": "1", "source": "/devices/W-1", "type": "device.sos"}
    jsonschema.validate(event, EVENTS)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**event, "type": "sos"}, EVENTS)


def test_the_device_guide_names_every_topic_of_the_wire() -> None:
    guide = (CHECKOUT / "docs" / "device-guide.md").read_text()
    for channel in asyncapi()["channels"].values():
        if channel["address"].startswith("yian/v1/"):
            assert channel["address"] in guide or channel["address"].split("}/")[1] in guide
