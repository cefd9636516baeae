from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.errors import RegistryError
from models.history import Change, FrozenRows, Gate, read_changes

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
OLD = (
    b'{"when":"2026-11-26T12:00:00Z","action":"promote","id":"20261125-00000000","previous":null,"reason":"first"}\n'
    b'{"when":"2026-11-26T12:00:00Z","action":"rollback","id":"20261125-00000000","previous":"20261125-00000001",'
    b'"reason":""}\n'
)
frozen = st.builds(FrozenRows, st.just("0f" * 32), st.integers(0, 9_999), st.floats(0, 99))
gates = st.builds(
    Gate,
    st.sampled_from(["passed", "refused", "not compared"]),
    st.none() | st.just("20261125-00000000"),
    st.dictionaries(st.text(), st.text(), max_size=3),
    st.dictionaries(st.text(), st.integers() | st.floats(allow_nan=False, allow_infinity=False), max_size=3),
    st.text(),
    st.booleans(),
    st.none() | frozen,
)


def test_lines_from_before_there_was_a_gate_are_read() -> None:
    first, second = read_changes(OLD, "history.jsonl")
    assert first == Change(NOON, "promote", "20261125-00000000", None, "first")
    assert (second.action, second.gate) == ("rollback", None)


@given(st.none() | gates, st.text())
def test_changes_round_trip(gate: Gate | None, reason: str) -> None:
    change = Change(NOON, "refuse", "20261125-00000000", None, reason, gate)
    assert read_changes(change.to_line() * 2, "history.jsonl") == (change, change)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        OLD.splitlines()[0].replace(b"promote", b"demote"),
        OLD.splitlines()[0][:-1] + b',"gate":{"verdict":"passed"}}',
        OLD.splitlines()[0][:-1] + b',"surprise":1}',
    ],
)
def test_a_line_that_is_no_change_is_named(line: bytes) -> None:
    with pytest.raises(RegistryError, match=r"history\.jsonl, line 3: .*; expected a change as JSON"):
        read_changes(OLD + line + b"\n", "history.jsonl")


def test_uses_are_told_in_words() -> None:
    assert str(FrozenRows("0f" * 32, 1_200, 1.0)) == "1,200 frozen test rows, used once"
    assert str(FrozenRows("0f" * 32, 5, 2.25)) == "5 frozen test rows, used 2.25 times"
