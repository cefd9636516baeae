import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.store_tables import JAKARTA
from service.errors import InvalidRequestError, RequestError
from service.intake import parse_predictions

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=JAKARTA)
SECRET = "kata-rahasia-warga"

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.just(SECRET),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "text", "date"]), inner),
    max_leaves=12,
)


def sent(**fields: Any) -> bytes:
    return json.dumps({"complaints": [{"id": "a", "text": "Air keruh"} | fields]}).encode()


def test_a_complaint_is_taken_as_it_was_sent() -> None:
    ((complaint,), evidence) = parse_predictions(sent(title=" Air ", region="3578", visibility="rahasia"), NOW)
    assert evidence
    assert (complaint.title, complaint.region, complaint.visibility) == (" Air ", "3578", "rahasia")
    assert complaint.date is NOW
    assert complaint.labels == {}


@pytest.mark.parametrize(
    "date",
    ["2026-11-25T01:00:00Z", "2026-11-25t08:00+07:00", "2026-11-25 08:00:00.000+0700", "2026-11-25T08:04:59+07:00"],
)
def test_moments_with_an_offset_are_taken(date: str) -> None:
    ((complaint,), _) = parse_predictions(sent(date=date), NOW)
    assert complaint.date is not None
    assert abs((complaint.date.astimezone(UTC) - NOW).total_seconds()) < 300


@given(_json)
def test_whatever_json_is_sent_is_taken_or_refused_without_repeating_it(value: object) -> None:
    raw = json.dumps({"complaints": [value], "evidence": value}).encode()
    with pytest.raises(RequestError) as refusal:
        parse_predictions(raw, NOW)
    assert SECRET not in str(refusal.value)
    assert all(SECRET not in part for error in refusal.value.errors for part in error)


@given(st.binary())
def test_whatever_bytes_are_sent_are_refused(raw: bytes) -> None:
    with pytest.raises(RequestError):
        parse_predictions(raw, NOW)


@given(st.lists(st.sampled_from("abcdef"), min_size=1))
def test_ids_are_refused_exactly_if_one_repeats(ids: list[str]) -> None:
    raw = json.dumps({"complaints": [{"id": one, "text": "Air keruh"} for one in ids]}).encode()
    if len(set(ids)) == len(ids):
        assert [complaint.id for complaint in parse_predictions(raw, NOW)[0]] == ids
    else:
        with pytest.raises(InvalidRequestError) as refusal:
            parse_predictions(raw, NOW)
        assert len(refusal.value.errors) == len(ids) - len(set(ids))
