import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from service import prediction_table
from service.prediction_table import COLUMNS, is_parquet, write_table


def prediction(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"uji-{number}",
        "model": "20261125-00000001",
        "topic": {"code": "air/pipa", "name": "Pipa", "main": "Air", "probability": 0.75, "alternatives": []},
        "agency": {"code": "perumda", "name": "Perumda", "archetype": "Perumda", "probability": 0.5},
        "kind": {"code": "aspirasi", "name": "Aspirasi", "probability": 0.25},
        "place": {"code": "3273", "name": "Kota Bandung", "probability": 0.125, "alternatives": []},
        "decision": {"action": "review", "topic": "route", "agency": "review", "reasons": ["doubtful-agency"]},
        "evidence": [],
        "notes": [],
    } | changes


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    return tmp_path / "jawaban.jsonl"


def written(lines: Path, predictions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    lines.write_text("".join(json.dumps(one) + "\n" for one in predictions), "utf-8")
    output = lines.with_suffix(".parquet")
    write_table(lines, output)
    assert sorted(output.parent.iterdir()) == [lines, output]
    assert pq.ParquetFile(output).schema_arrow.names == list(COLUMNS)
    found: list[dict[str, Any]] = pq.read_table(output).to_pylist()
    return found


def test_the_best_answers_stand_in_columns_and_the_whole_in_the_last(lines: Path) -> None:
    row = written(lines, [prediction(1)])[0]
    assert json.loads(row.pop("prediction")) == prediction(1)
    assert row == {
        "id": "uji-1",
        "model": "20261125-00000001",
        "topic_code": "air/pipa",
        "topic_name": "Pipa",
        "topic_main": "Air",
        "topic_probability": 0.75,
        "agency_code": "perumda",
        "agency_name": "Perumda",
        "agency_archetype": "Perumda",
        "agency_probability": 0.5,
        "kind_code": "aspirasi",
        "kind_probability": 0.25,
        "place_code": "3273",
        "place_name": "Kota Bandung",
        "place_probability": 0.125,
        "action": "review",
        "topic_action": "route",
        "agency_action": "review",
        "reasons": ["doubtful-agency"],
    }


def test_a_target_without_an_answer_is_null(lines: Path) -> None:
    row = written(lines, [prediction(1, topic=None, kind=None, place=None)])[0]
    assert [row[name] for name in COLUMNS if name.startswith(("topic_c", "topic_p", "kind", "place"))] == [None] * 7


def test_rows_keep_their_order_over_row_groups(lines: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prediction_table, "ROW_GROUP", 3)
    found = written(lines, [prediction(number) for number in range(8)])
    assert [row["id"] for row in found] == [f"uji-{number}" for number in range(8)]
    assert pq.ParquetFile(lines.with_suffix(".parquet")).num_row_groups == 3


def test_no_prediction_makes_a_table_without_rows(lines: Path) -> None:
    assert written(lines, []) == []


@pytest.mark.parametrize(
    ("path", "parquet"), [("a.parquet", True), (Path("A.PARQUET"), True), ("a.jsonl", False), ("-", False)]
)
def test_the_suffix_says_what_a_file_is(path: Path | str, parquet: bool) -> None:
    assert is_parquet(path) is parquet
