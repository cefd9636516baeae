"""`pilah train`, `pilah evaluate` and `pilah bench`.

Each imports what it runs itself: scikit-learn and datasketch take longer to import than all other commands need.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from classifier.errors import InputError, RegistryError
from classifier.records import Complaint
from data.alerts import read_alerts
from data.complaints import replace_when_done
from data.lexicon import read_lexicon
from models import bundle
from models.commands import HOME, Home
from models.row_hashes import RowHashes, row_key
from training import tables
from training.config import read_config
from training.encoder_commands import beside_linear, checkpoint_of
from training.inputs import (
    AutoError,
    DataFiles,
    TaxonomyKind,
    TopicColumn,
    WithCorpus,
    check_column,
    read_classes,
    read_files,
)
from training.progress import steps

if TYPE_CHECKING:
    from training.fit import Fitted


def mount(app: typer.Typer) -> None:
    """Add the commands of this package to `app`."""
    app.command("train")(train_command)
    app.command("evaluate")(evaluate_command)
    app.command("bench")(bench_command)


def train_command(
    out: Annotated[Path, typer.Option(help="Folder of the bundle; an older bundle there is replaced.")],
    data: DataFiles = None,
    with_corpus: WithCorpus = False,
    taxonomy: TaxonomyKind = "national",
    topic_column: TopicColumn = "topic",
    config: Annotated[
        str | None,
        typer.Option(help="linear, corpus, encoder, or a TOML file with such settings; left out, linear for --data."),
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="Encoder to begin with, for --config encoder: a name on the hub, or a folder.")
    ] = None,
    auto_error: AutoError = 0.05,
    home: Home = HOME,
) -> None:
    """Learn topic, agency and kind from labelled complaints and write a bundle; without --data, from our own corpus."""
    from data.dataset import read_corpus
    from training.fit import STAGES, fit
    from training.write_bundle import used, write_bundle

    if with_corpus and not (data and taxonomy == "national"):
        raise InputError("--with-corpus", "has nothing to add to", "--data, and the national taxonomy")
    settings = read_config(config or ("linear" if data else "corpus"))
    classes, lexicon, encoder = read_classes(taxonomy), read_lexicon(), beside_linear(settings, base, out)
    with steps(len(STAGES) + 2 + bool(encoder)) as begin:
        begin("Reading files")
        complaints = read_files(data) if data else read_corpus()
        if topic_column != "topic":
            check_column(topic_column, complaints)
        fitted = fit(
            complaints,
            classes,
            lexicon,
            settings,
            corpus=corpus_as(topic_column) if with_corpus else (),
            topic_column=topic_column,
            auto_error=auto_error,
            alerts=read_alerts(),
            encoder=encoder,
            track=begin,
        )
        begin("Writing the bundle")
        rows, unhashed = row_hashes(fitted, home)
        manifest = write_bundle(out, fitted, classes, used(settings, topic_column, auto_error), rows)
        checkpoint_of(out).unlink(missing_ok=True)
    tell(out, fitted, manifest.id, unhashed)


def evaluate_command(
    model: Annotated[Path, typer.Option(help="Folder of a bundle.")],
    data: Annotated[list[Path], typer.Option(help="Labelled complaints, .jsonl or .parquet; repeatable.")],
    topic_column: Annotated[
        str | None, typer.Option(help="The label that is the topic; left out, the one the model was trained on.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all figures to this file as JSON.")] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write one page with all figures and plots, in Indonesian, to this file.")
    ] = None,
    examples: Annotated[
        bool, typer.Option("--examples", help="Show masked texts of the worst classes on the page.")
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option(help="Folder of a bundle to compare with; left out, a page compares with the active one."),
    ] = None,
    train: Annotated[
        list[Path] | None, typer.Option(help="What the bundle was trained on: the peers learn it too; repeatable.")
    ] = None,
    home: Home = HOME,
) -> None:
    """Compare a bundle's answers with labelled complaints that it was not trained on."""
    from training import current
    from training.cases import judge
    from training.comparison import compare
    from training.evaluate import count

    if examples and not html:
        raise InputError("--examples", "has no page to stand on", "--html")
    with steps(None if html or against or train else 3) as begin:
        begin("Loading the bundle")
        loaded = bundle.load(model)
        column = topic_column or current.topic_column(loaded.manifest)
        begin("Reading files")
        complaints, earlier = read_files(data), read_files(train or ())
        if topic_column:
            check_column(topic_column, complaints)
        begin("Classifying")
        judged = judge(loaded.classifier, complaints, read_classes(loaded.manifest.taxonomy.kind), column)
        if not judged.cases:
            raise InputError("--data", "holds no label that the bundle answers", f"a topic ({column}), agency or kind")
        rival = current.asked(against, loaded) if against else current.active(home, loaded) if html else current.Rival()
        compared = compare(judged, rival.classifier, earlier, begin)
        report = count(judged, earlier, compared)
    write_figures(json_file, report.as_dict())
    if html:
        from training.report import describe, render

        about = describe(loaded.manifest, judged, data, rival, peers=bool(train), texts=examples)
        with replace_when_done(html) as file:
            file.write(render(report, about, judged))
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
    with steps(None) as begin:
        runs = list(bench(data, sets, read_config("linear"), begin))
    grouped = tables.by_target(runs)
    leads = [lead(group) for group in grouped]
    write_figures(json_file, tables.benchmark_json(runs, leads))
    for group, ahead in zip(grouped, leads, strict=True):
        Console().print(tables.benchmark(group, ahead))


def write_figures(json_file: Path | None, figures: dict[str, Any]) -> None:
    """Write the figures before they are shown, so that a reader who has had enough does not cost them."""
    if json_file:
        with replace_when_done(json_file) as file:
            json.dump(figures, file, ensure_ascii=False, indent=2)


def corpus_as(topic_column: str) -> list[Complaint]:
    """Return our corpus with its topics in the column where the other complaints have theirs."""
    from data.dataset import read_corpus

    return [replace(one, labels={**one.labels, topic_column: one.labels["topic"]}) for one in read_corpus()]


def tell(out: Path, fitted: "Fitted", name: str, warnings: Sequence[str]) -> None:
    """Show what was learnt, and the id of the bundle."""
    told = Console(stderr=True)
    told.print(tables.training(fitted))
    for warning in (*tables.unresolved(fitted), *warnings):
        told.print(warning, markup=False, highlight=False, soft_wrap=True)
    Console().print(f"{name} {out}", highlight=False, soft_wrap=True)


def row_hashes(fitted: "Fitted", home: Path) -> tuple[RowHashes | None, list[str]]:
    """Hash the training rows with the key of the home; where it can't be had, the model is worth no less."""
    try:
        return RowHashes.of((one.text for one in fitted.complaints), row_key(home)), []
    except RegistryError as error:
        return None, [f"the training rows are not hashed, so that the gate can't check test rows against them: {error}"]
