"""`pilah replay`: what the reviewers' loop would have brought on a city's own reports, month by month."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from data.complaints import replace_when_done
from data.lexicon import read_lexicon
from training import tables
from training.commands import write_figures
from training.config import read_config
from training.inputs import TopicColumn, check_column, read_classes, read_files
from training.progress import steps


def mount(app: typer.Typer) -> None:
    """Add `replay` to `app`."""
    app.command("replay")(replay_command)


def replay_command(
    data: Annotated[list[Path], typer.Option(help="Labelled complaints with dates, .jsonl or .parquet; repeatable.")],
    svg: Annotated[Path | None, typer.Option(help="Draw the months to this file.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all figures to this file as JSON.")] = None,
    taxonomy: Annotated[
        str, typer.Option(help="national: our reference tables; from-data: the labels as written.")
    ] = "national",
    topic_column: TopicColumn = "topic",
    auto_error: Annotated[
        float, typer.Option(min=0.001, max=0.5, help="Share of wrong answers allowed among those acted on.")
    ] = 0.05,
) -> None:
    """Play past months again with a reviewer who corrects the doubtful tenth, beside a model that was trained once."""
    # scikit-learn and datasketch take longer to import than all other commands need
    from training.replay import Learner, months_of, replay, trainings
    from training.replay_plot import draw

    classes, complaints = read_classes(taxonomy), read_files(data)
    if topic_column != "topic":
        check_column(topic_column, complaints)
    months = months_of(complaints, topic_column)
    learner = Learner(classes, read_lexicon(), read_config("linear"), topic_column, auto_error)
    with steps(trainings(len(months))) as begin:
        replayed = replay(months, learner, begin)
    write_figures(json_file, replayed.as_dict())
    if svg:
        with replace_when_done(svg) as file:
            file.write(draw(replayed))
    Console().print(tables.replayed(replayed))
