"""`pilah train`, `pilah evaluate` and `pilah bench`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from classifier.errors import InputError
from classifier.pipeline import Classifier
from classifier.records import Complaint
from classifier.taxonomy import Taxonomy, from_data
from data.complaints import read_complaints, replace_when_done
from data.dataset import fingerprint, read_corpus
from data.lexicon import read_lexicon
from data.tables import read_taxonomy
from models import bundle
from models.manifest import Data, Manifest, TaxonomyVersion
from training import tables
from training.bench import INNER_SPLIT, bench, lead, read_sets
from training.config import LinearConfig, read_config
from training.evaluate import evaluate
from training.fit import Fitted, fit

_out, _err = Console(), Console(stderr=True)

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
    taxonomy: Annotated[
        str, typer.Option(help="national: our reference tables; from-data: the labels as written.")
    ] = "national",
    topic_column: TopicColumn = "topic",
    config: Annotated[str, typer.Option(help="linear, or a TOML file with the same settings.")] = "linear",
    auto_error: Annotated[
        float, typer.Option(min=0.001, max=0.5, help="Share of wrong answers allowed among those acted on.")
    ] = 0.05,
) -> None:
    """Learn topic, agency and kind from labelled complaints and write a bundle; without --data, from our own corpus."""
    settings, classes, lexicon = read_config(config), _taxonomy(taxonomy), read_lexicon()
    with _progress() as progress:
        stage = progress.add_task("Reading files", total=None)
        complaints = _read(data) if data else read_corpus()
        fitted = fit(
            complaints,
            classes,
            lexicon,
            settings,
            topic_column=topic_column,
            auto_error=auto_error,
            track=lambda name: progress.update(stage, description=name),
        )
        progress.update(stage, description="Writing the bundle")
        manifest = _save(out, fitted, classes, settings, topic_column, auto_error)
    _err.print(tables.training(fitted))
    for warning in tables.unresolved(fitted):
        _err.print(warning)
    _out.print(f"{manifest.id} {out}", highlight=False, soft_wrap=True)


def evaluate_command(
    model: Annotated[Path, typer.Option(help="Folder of a bundle.")],
    data: Annotated[list[Path], typer.Option(help="Labelled complaints, .jsonl or .parquet; repeatable.")],
    topic_column: Annotated[
        str | None, typer.Option(help="The label that is the topic; left out, the one the model was trained on.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all figures to this file as JSON.")] = None,
) -> None:
    """Compare a bundle's answers with labelled complaints that it was not trained on."""
    loaded = bundle.load(model)
    column = topic_column or str(loaded.manifest.settings.get("topic_column", "topic"))
    with _progress() as progress:
        progress.add_task("Classifying", total=None)
        report = evaluate(loaded.classifier, _read(data), _taxonomy(loaded.manifest.taxonomy.kind), column)
    if not report.targets:
        raise InputError("--data", "holds no label that the bundle answers", f"a topic ({column}), agency or kind")
    for table in tables.evaluation(report):
        _out.print(table)
    if json_file:
        with replace_when_done(json_file) as file:
            json.dump(report.as_dict(), file, ensure_ascii=False, indent=2)


def bench_command(
    data: Annotated[Path, typer.Option(help="Folder with the sets of the benchmark.")],
    split: Annotated[
        Path, typer.Option(help="TOML file that names the sets and where their test sides begin.")
    ] = INNER_SPLIT,
    only: Annotated[str | None, typer.Option(help="Only the set of this name.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all figures to this file as JSON.")] = None,
) -> None:
    """Run pilah beside what a user would otherwise pick, on the same rows and machine."""
    sets = [one for one in read_sets(split) if only in (None, one.name)]
    if not sets:
        raise InputError("--only", f"no set is called {only!r}", f"one of {[one.name for one in read_sets(split)]}")
    with _progress() as progress:
        stage = progress.add_task("Starting", total=None)
        runs = list(bench(data, sets, read_config("linear"), lambda name: progress.update(stage, description=name)))
    grouped = tables.by_target(runs)
    leads = [lead(group) for group in grouped]
    for group, ahead in zip(grouped, leads, strict=True):
        _out.print(tables.benchmark(group, ahead))
    if json_file:
        with replace_when_done(json_file) as file:
            json.dump(tables.benchmark_json(runs, leads), file, ensure_ascii=False, indent=2)


def _read(files: list[Path]) -> list[Complaint]:
    now = datetime.now(UTC)
    return [complaint for path in files for complaint in read_complaints(path, now=now)]


def _taxonomy(kind: str) -> Taxonomy:
    if kind not in ("national", "from-data"):
        raise InputError("--taxonomy", f"is {kind!r}", "national or from-data")
    return read_taxonomy() if kind == "national" else from_data()


def _save(
    out: Path, fitted: Fitted, taxonomy: Taxonomy, config: LinearConfig, topic_column: str, auto_error: float
) -> Manifest:
    """Write the bundle; its example is one of our own complaints, answered by the state as it is stored."""
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


def _progress() -> Progress:
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    return Progress(*columns, console=_err, transient=True)
