"""Predictions as a parquet table: the best answers in columns, the whole prediction as JSON in the last one."""

import json
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from data.complaints import draft_of

ROW_GROUP = 5_000
COLUMNS = {
    "id": "string",
    "model": "string",
    "topic_code": "string",
    "topic_name": "string",
    "topic_main": "string",
    "topic_probability": "float64",
    "agency_code": "string",
    "agency_name": "string",
    "agency_archetype": "string",
    "agency_probability": "float64",
    "kind_code": "string",
    "kind_probability": "float64",
    "place_code": "string",
    "place_name": "string",
    "place_probability": "float64",
    "action": "string",
    "topic_action": "string",
    "agency_action": "string",
    "reasons": "list<string>",
    "prediction": "string",
}


def is_parquet(path: Path | str) -> bool:
    """Tell by the suffix whether a file is parquet; every other is JSONL."""
    return str(path).lower().endswith(".parquet")


def write_table(lines: Path, output: Path) -> None:
    """Turn a JSONL file of predictions into a parquet file, which appears whole or not at all; raises DataError.

    A target that the model doesn't answer is null. Memory is bounded by `ROW_GROUP` rows.
    """
    import pyarrow as pa  # here, because it takes long to import and most files are JSONL
    import pyarrow.parquet as pq

    types = {"string": pa.string(), "float64": pa.float64(), "list<string>": pa.list_(pa.string())}
    schema = pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    with lines.open(encoding="utf-8") as source, draft_of(output) as draft, pq.ParquetWriter(draft, schema) as writer:
        while rows := [_row(line) for line in islice(source, ROW_GROUP)]:
            writer.write_table(pa.Table.from_pylist(rows, schema))


def _row(line: str) -> dict[str, Any]:
    prediction = json.loads(line)
    topic, agency, kind, place = (prediction[target] or {} for target in ("topic", "agency", "kind", "place"))
    decision = prediction["decision"]
    return {
        "id": prediction["id"],
        "model": prediction["model"],
        **_columns("topic", topic, ("code", "name", "main", "probability")),
        **_columns("agency", agency, ("code", "name", "archetype", "probability")),
        **_columns("kind", kind, ("code", "probability")),
        **_columns("place", place, ("code", "name", "probability")),
        "action": decision["action"],
        "topic_action": decision["topic"],
        "agency_action": decision["agency"],
        "reasons": decision["reasons"],
        "prediction": line.rstrip("\n"),
    }


def _columns(target: str, answer: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {f"{target}_{key}": answer.get(key) for key in keys}
