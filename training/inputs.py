"""What commands are given: files of complaints, the label that is the topic, the taxonomy."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from classifier.errors import DataError, InputError
from classifier.records import Complaint
from classifier.taxonomy import Taxonomy
from data.complaints import read_complaints
from data.tables import read_taxonomy, read_written

DataFiles = Annotated[
    list[Path] | None, typer.Option("--data", help="Labelled complaints, .jsonl or .parquet; repeatable.")
]
Database = Annotated[
    str,
    typer.Option("--database", envvar="PILAH_DATABASE_URL", help="URL of the database; by default pilah.db in --home."),
]
WithCorpus = Annotated[
    bool, typer.Option("--with-corpus", help="Learn from our own corpus as well; for the national taxonomy.")
]
TaxonomyKind = Annotated[str, typer.Option(help="national: our reference tables; from-data: the labels as written.")]
AutoError = Annotated[
    float, typer.Option(min=0.001, max=0.5, help="Share of wrong answers allowed among those acted on.")
]
TopicColumn = Annotated[str, typer.Option(help="The label that is the topic, where it isn't called so.")]


def read_files(files: Sequence[Path]) -> list[Complaint]:
    """Read the complaints of files; DataError for the first that holds none or a bad one."""
    now, complaints = datetime.now(UTC), list[Complaint]()
    for path in files:
        before = len(complaints)
        complaints += read_complaints(path, now=now)
        if len(complaints) == before:
            raise DataError(str(path), "holds no complaint", "at least one, a JSON object a line or a parquet row")
    return complaints


def check_column(column: str, complaints: Sequence[Complaint]) -> None:
    """Raise InputError if no complaint has the label that was named as the topic."""
    labels = {name for complaint in complaints for name in complaint.labels}
    if column not in labels:
        expected = f"one of {', '.join(sorted(labels))}" if labels else "complaints with labels"
        raise InputError("--topic-column", f"no complaint has the label {column!r}", expected)


def read_classes(kind: str) -> Taxonomy:
    """Return the taxonomy of that kind; InputError if there is none."""
    if kind not in ("national", "from-data"):
        raise InputError("--taxonomy", f"is {kind!r}", "national or from-data")
    return read_taxonomy() if kind == "national" else read_written()
