"""The real export that the project was given: every row is accounted for."""

import json
from datetime import datetime
from pathlib import Path

from data.complaints import JAKARTA
from data.ingest import ingest, rejected_path


def test_every_row_of_a_real_export_is_accounted_for(shared: Path, tmp_path: Path) -> None:
    out = tmp_path / "laporan.jsonl"
    summary = ingest(shared / "exports" / "sp4n-laporan-ringkas.xlsx", out, now=datetime(2024, 6, 1, tzinfo=JAKARTA))
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert summary.rows == 174
    assert summary.kept + summary.dropped.total() + summary.duplicates.total() == 174
    assert summary.kept == len(rows)
    assert len(rejected_path(out).read_text("utf-8").splitlines()) == 174 - len(rows)
    assert not summary.dropped
    assert not summary.absent_columns
    archived = [row for row in rows if row["status"].startswith("Diarsipkan")]
    assert archived
    assert all(row["archive_reason"] and "agency" not in row for row in archived)
