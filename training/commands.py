"""`pilah train`, `pilah evaluate` and `pilah bench`.

Each imports what it runs itself: scikit-learn and datasketch take longer to import than all other commands need.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from classifier.errors import DataError, InputError
from classifier.pipeline import Classifier
from classifier.records import Complaint
from classifier.taxonomy import Taxonomy
from data.alerts import read_alerts
from data.complaints import read_complaints, replace_when_done
from data.lexicon import read_lexicon
from data.tables import read_taxonomy, read_written
from models import bundle
from models.manifest import Data, Manifest, TaxonomyVersion
from training import tables
from training.config import LinearConfig, read_config

if TYPE_CHECKING:
    from training.fit import Fitted

DataFiles = Annotated[
    list[Path] | None, typer.Option("--data", help="Labelled complaints, .jsonl or .parquet; repeatable.")
]
TopicColumn = Annotated[str, typer.Option(help="The label that is the topic, where it isn't called so.")]


def mount(app: typer.Typer) -> None:
    """Add the commands of this package to `app`."""
    app.command("train")(train_command)
    app.command("evaluate")(evaluate_command)
    app.command("bench")(bench_command)


def train_command(
    out: Annotated[Path, typer.Option(help="Folder of the bundle; an older bundle there is replaced.")],
    data: DataFiles = None,
    with_corpus: Annotated[
        bool, typer.Option("--with-corpus", help="Learn from our own corpus as well; for the national taxonomy.")
    ] = False,
    taxonomy: Annotated[
        str, typer.Option(help="national: our reference tables; from-data: the labels as written.")
    ] = "national",
    topic_column: TopicColumn = "topic",
    config: Annotated[
        str | None,
        typer.Option(help="linear, corpus, or a TOML file with the same settings; left out, linear for --data."),
    ] = None,
    auto_error: Annotated[
        float, typer.Option(min=0.001, max=0.5, help="Share of wrong answers allowed among those acted on.")
    ] = 0.05,
) -> None:
    """Learn topic, agency and kind from labelled complaints and write a bundle; without --data, from our own corpus."""
    from data.dataset import read_corpus
    from training.fit import STAGES, fit

    if with_corpus and not (data and taxonomy == "national"):
        raise InputError("--with-corpus", "has nothing to add to", "--data, and the national taxonomy")
    settings = read_config(config or ("linear" if data else "corpus"))
    classes, lexicon = _taxonomy(taxonomy), read_lexicon()
    with _steps(len(STAGES) + 2) as begin:
        begin("Reading files")
        complaints = _read(data) if data else read_corpus()
        if topic_column != "topic":
            _check_column(topic_column, complaints)
        fitted = fit(
            complaints,
            classes,
            lexicon,
            settings,
            corpus=_corpus_as(topic_column) if with_corpus else (),
            topic_column=topic_column,
            auto_error=auto_error,
            alerts=read_alerts(),
            track=begin,
        )
        begin("Writing the bundle")
        manifest = _save(out, fitted, classes, settings, topic_column, auto_error)  # the corpus is in its fingerprint
    told = Console(stderr=True)
    told.print(tables.training(fitted))
    for warning in tables.unresolved(fitted):
        told.print(warning, markup=False, highlight=False, soft_wrap=True)
    Console().print(f"{manifest.id} {out}", highlight=False, soft_wrap=True)


def evaluate_command(
    model: Annotated[Path, typer.Option(help="Folder of a bundle.")],
    data: Annotated[list[Path], typer.Option(help="Labelled complaints, .jsonl or .parquet; repeatable.")],
    topic_column: Annotated[
        str | None, typer.Option(help="The label that is the topic; left out, the one the model was trained on.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all figures to this file as JSON.")] = None,
) -> None:
    """Compare a bundle's answers with labelled complaints that it was not trained on."""
    from training.evaluate import evaluate

    with _steps(3) as begin:
        begin("Loading the bundle")
        loaded = bundle.load(model)
        column = topic_column or str(loaded.manifest.settings.get("topic_column", "topic"))
        begin("Reading files")
        complaints = _read(data)
        if topic_column:
            _check_column(topic_column, complaints)
        begin("Classifying")
        report = evaluate(loaded.classifier, complaints, _taxonomy(loaded.manifest.taxonomy.kind), column)
    if not report.targets:
        raise InputError("--data", "holds no label that the bundle answers", f"a topic ({column}), agency or kind")
    _write(json_file, report.as_dict())
    for table in tables.evaluation(report):
        Console().print(table)


def bench_command(
    data: Annotated[Path, typer.Option(help="Folder with the sets of the benchmark.")],
    split: Annotated[
        Path | None, typer.Option(help="TOML file of sets and where their test sides begin; left out, our own.")
    ] = None,
    only: Annotated[str | None, typer.Option(help="Only the set of this name.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all figures to this file as JSON.")] = None,
) -> None:
    """Run pilah beside what a user would otherwise pick, on the same rows and machine."""
    from training.bench import INNER_SPLIT, bench, lead, read_sets

    known = read_sets(split or INNER_SPLIT)
    sets = [one for one in known if only in (None, one.name)]
    if not sets:
        raise InputError("--only", f"no set is called {only!r}", f"one of {[one.name for one in known]}")
    with _steps(None) as begin:
        runs = list(bench(data, sets, read_config("linear"), begin))
    grouped = tables.by_target(runs)
    leads = [lead(group) for group in grouped]
    _write(json_file, tables.benchmark_json(runs, leads))
    for group, ahead in zip(grouped, leads, strict=True):
        Console().print(tables.benchmark(group, ahead))


def _read(files: Sequence[Path]) -> list[Complaint]:
    now, complaints = datetime.now(UTC), list[Complaint]()
    for path in files:
        before = len(complaints)
        complaints += read_complaints(path, now=now)
        if len(complaints) == before:
            raise DataError(str(path), "holds no complaint", "at least one, a JSON object a line or a parquet row")
    return complaints


def _check_column(column: str, complaints: Sequence[Complaint]) -> None:
    labels = {name for complaint in complaints for name in complaint.labels}
    if column not in labels:
        expected = f"one of {', '.join(sorted(labels))}" if labels else "complaints with labels"
        raise InputError("--topic-column", f"no complaint has the label {column!r}", expected)


def _write(json_file: Path | None, figures: dict[str, Any]) -> None:
    """Write the figures before they are shown, so that a reader who has had enough does not cost them."""
    if json_file:
        with replace_when_done(json_file) as file:
            json.dump(figures, file, ensure_ascii=False, indent=2)


def _corpus_as(topic_column: str) -> list[Complaint]:
    """Return our corpus with its topics in the column where the other complaints have theirs."""
    from data.dataset import read_corpus

    return [replace(one, labels={**one.labels, topic_column: one.labels["topic"]}) for one in read_corpus()]


def _taxonomy(kind: str) -> Taxonomy:
    if kind not in ("national", "from-data"):
        raise InputError("--taxonomy", f"is {kind!r}", "national or from-data")
    return read_taxonomy() if kind == "national" else read_written()


def _save(
    out: Path, fitted: "Fitted", taxonomy: Taxonomy, config: LinearConfig, topic_column: str, auto_error: float
) -> Manifest:
    """Write the bundle; its example is one of our own complaints, answered by the state as it is stored."""
    from data.dataset import fingerprint, read_corpus

    state = fitted.classifier.state()
    example = read_corpus()[0]
    return bundle.save(
        out,
        state=state,
        created=datetime.now(UTC),
        data=Data(fingerprint(fitted.complaints), len(fitted.complaints), {"unresolved": fitted.unresolved_rows}),
        taxonomy=TaxonomyVersion(taxonomy.kind, taxonomy.version),
        metrics={"unseen_accuracy": dict(fitted.unseen_accuracy)},
        settings=config.model_dump(mode="json") | {"topic_column": topic_column, "auto_error": auto_error},
        complaint=example,
        prediction=Classifier.from_state(state, "").classify([example], evidence=False)[0],
    )


@contextmanager
def _steps(total: int | None) -> Iterator[Callable[[str], None]]:
    """Show a bar over this many steps, None if that isn't known; what it yields is told each step as it begins."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task, done = progress.add_task("", total=total), count()
        yield lambda name: progress.update(task, description=name, completed=next(done))
