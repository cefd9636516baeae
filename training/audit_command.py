"""`pilah audit`: a list of labels that are probably wrong."""

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from classifier.errors import InputError
from classifier.records import Target
from data.complaints import replace_when_done
from data.lexicon import read_lexicon
from training import tables
from training.config import read_config
from training.inputs import TopicColumn, check_column, read_classes, read_files
from training.progress import steps

TARGETS: tuple[Target, ...] = ("topic", "agency")


def mount(app: typer.Typer) -> None:
    """Add `audit` to `app`."""
    app.command("audit")(audit_command)


def audit_command(
    data: Annotated[list[Path], typer.Option(help="Labelled complaints, .jsonl or .parquet; repeatable.")],
    out: Annotated[Path, typer.Option(help="File of the review list, JSONL, the surest findings first.")],
    target: Annotated[str | None, typer.Option(help="topic or agency; left out, both.")] = None,
    topic_column: TopicColumn = "topic",
    taxonomy: Annotated[
        str, typer.Option(help="national: our reference tables; from-data: the labels as written.")
    ] = "national",
    examples: Annotated[
        bool, typer.Option("--examples", help="Put masked texts on the list, except those of rahasia complaints.")
    ] = False,
) -> None:
    """Find labels that are probably wrong, and texts that were labelled in two ways; nothing is changed."""
    _check(data, out)
    targets, classes = _targets(target), read_classes(taxonomy)
    from training.audit import audit

    with steps(len(targets) + 2) as begin:
        begin("Reading files")
        complaints = read_files(data)
        if topic_column != "topic":
            check_column(topic_column, complaints)
        found = audit(
            complaints,
            classes,
            read_lexicon(),
            read_config("linear"),
            targets=targets,
            topic_column=topic_column,
            track=begin,
        )
    with replace_when_done(out) as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in found.lines(texts=examples))
    for table in tables.audited(found):
        Console().print(table)
    Console().print(f"{len(found.findings):,} labels to look at: {out}", markup=False, highlight=False, soft_wrap=True)


def _check(data: Sequence[Path], out: Path) -> None:
    if not find_spec("cleanlab"):
        raise InputError("pilah audit", "needs cleanlab, which is not installed", "pip install with the extra 'audit'")
    if out.resolve() in {path.resolve() for path in data}:
        raise InputError("--out", "is one of the files to audit", "another file")


def _targets(target: str | None) -> tuple[Target, ...]:
    found = tuple(one for one in TARGETS if target in (None, one))
    if not found:
        raise InputError("--target", f"is {target!r}", "topic or agency")
    return found
