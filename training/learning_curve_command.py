"""`pilah learning-curve`: what own reports bring, and what our corpus adds to them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from data.complaints import replace_when_done
from data.lexicon import read_lexicon
from data.tables import read_taxonomy
from training import tables
from training.commands import corpus_as, write_figures
from training.inputs import TopicColumn, check_column, read_files
from training.progress import steps

SIZES = "0,50,100,200,500,1000,all"


def mount(app: typer.Typer) -> None:
    """Add `learning-curve` to `app`."""
    app.command("learning-curve")(learning_curve_command)


def learning_curve_command(
    data: Annotated[list[Path], typer.Option(help="Labelled complaints, .jsonl or .parquet; repeatable.")],
    svg: Annotated[Path, typer.Option(help="Draw the curve to this file.")],
    topic_column: TopicColumn = "topic",
    sizes: Annotated[
        str, typer.Option(help="Numbers of own reports to learn from; 0 is our corpus alone, all every one.")
    ] = SIZES,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all figures to this file as JSON.")] = None,
) -> None:
    """Learn from more and more own reports, with our corpus and without it, and show what each brings on later ones."""
    # scikit-learn and datasketch take longer to import than all other commands need
    from training.learning_curve import Learner, divide, learning_curve, read_sizes, trainings
    from training.learning_curve_plot import draw

    complaints, taxonomy = read_files(data), read_taxonomy()
    if topic_column != "topic":
        check_column(topic_column, complaints)
    division = divide(complaints, taxonomy, topic_column)
    wanted = read_sizes(sizes, len(division.training))
    learner = Learner(taxonomy, read_lexicon(), corpus_as(topic_column), topic_column)
    with steps(trainings(wanted)) as begin:
        curve = learning_curve(division, wanted, learner, begin)
    write_figures(json_file, curve.as_dict())
    with replace_when_done(svg) as file:
        file.write(draw(curve))
    Console().print(tables.learning_curve(curve))
