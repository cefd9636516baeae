"""`pilah pretrain`, `pilah distil` and `pilah bench-encoder`, and what `pilah train` needs for an encoder.

Each imports torch itself, and says how to install it where it is missing.
"""

from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from classifier.encoder import written
from classifier.errors import InputError
from data.lexicon import read_lexicon
from models import bundle
from models.commands import HOME, Home
from training.config import EncoderConfig, LinearConfig, Pace
from training.inputs import read_classes, read_files
from training.progress import losses, steps

if TYPE_CHECKING:
    from training.fit_encoder import FitEncoder
    from training.lesson import Lesson, Tuned

CHECKED = 16  # complaints of our own, the bundle's example first, on which ONNX must answer as torch does
INSTALL = "pip install 'pilah[encoder]'"

Texts = Annotated[list[Path], typer.Option("--data", help="Complaints, .jsonl or .parquet; repeatable.")]


def mount(app: typer.Typer) -> None:
    """Add the commands of encoders to `app`."""
    app.command("pretrain")(pretrain_command)
    app.command("distil")(distil_command)
    app.command("bench-encoder")(bench_encoder_command)


def check_torch(what: str) -> None:
    """Raise InputError if what makes encoders is not installed."""
    missing = [name for name in ("torch", "transformers", "onnx", "onnxscript", "onnxruntime") if not find_spec(name)]
    if missing:
        raise InputError(what, f"needs {', '.join(missing)}", INSTALL)


def checkpoint_of(out: Path) -> Path:
    """Return the file beside a bundle from which an interrupted fine-tuning goes on."""
    return Path(f"{out}.checkpoint")


def beside_linear(config: LinearConfig, base: str | None, out: Path) -> "FitEncoder | None":
    """Return what puts an encoder beside the linear model, None for a configuration without one."""
    if not isinstance(config, EncoderConfig):
        if base:
            raise InputError("--base", "is for an encoder", "--config encoder with it")
        return None
    if not base:
        raise InputError("--base", "is missing", "the encoder to begin with: a name on the hub, or a local folder")
    check_torch("--config encoder")
    from data.dataset import read_corpus
    from training.fit_encoder import FitEncoder

    check = [written(one.title, one.text, one.region) for one in read_corpus()[:CHECKED]]

    def tune(lesson: "Lesson") -> "Tuned":
        from training.encoder.finetune import finetune

        with losses("Fine-tuning") as tell:
            return finetune(lesson, base, config.encoder, checkpoint_of(out), tell, check)

    return FitEncoder(config.encoder, tune)


def pretrain_command(
    data: Texts,
    out: Annotated[Path, typer.Option(help="Folder of the encoder, for --base; an interrupted run goes on there.")],
    layers: Annotated[int, typer.Option(min=1, max=24, help="Layers of the encoder.")] = 4,
    width: Annotated[int, typer.Option(min=32, max=1024, help="Its width, a multiple of 32.")] = 256,
    vocabulary: Annotated[int, typer.Option(min=100, max=100_000, help="Word pieces, at most.")] = 16_000,
    max_tokens: Annotated[int, typer.Option(min=16, max=512, help="Longest text, in word pieces.")] = 256,
    epochs: Annotated[int, typer.Option(min=1, max=1000, help="How often each text is read.")] = 10,
    batch_size: Annotated[int, typer.Option(min=1, max=4096, help="Texts a step.")] = 64,
    accumulate: Annotated[int, typer.Option(min=1, max=4096, help="Pieces a step is cut into to save memory.")] = 1,
    rate: Annotated[float, typer.Option(min=1e-6, max=0.1, help="Rate of learning at its highest.")] = 5e-4,
) -> None:
    """Pre-train a small encoder by masked words on complaints that you may use; labels are not needed."""
    check_torch("pilah pretrain")
    from data.dataset import without_repeats
    from training.encoder.pretrain import Shape, pretrain
    from training.fit import masked

    rows = [masked(one) for one in without_repeats(read_files(data))]
    texts = [written(one.title, one.text, one.region) for one in rows]
    if width % 32:
        raise InputError("--width", f"is {width}", "a multiple of 32")
    pace = Pace(
        epochs=epochs,
        patience=epochs,
        batch_size=batch_size,
        accumulate=accumulate,
        rate=rate,
        head_rate=rate,
        warmup=0.1,
        seed=0,
        checkpoint_seconds=60.0,
    )
    with losses("Pre-training") as tell:
        loss = pretrain(texts, Shape(layers, width, vocabulary, max_tokens), pace, out, tell)
    Console().print(f"{out} guesses a masked word with loss {loss:.3f}", highlight=False, soft_wrap=True)


def distil_command(
    teacher: Annotated[Path, typer.Option(help="Folder of the bundle that answers, as a rule one with an encoder.")],
    data: Texts,
    out: Annotated[Path, typer.Option(help="Folder of the pupil's bundle; an older bundle there is replaced.")],
    home: Home = HOME,
) -> None:
    """Let a bundle answer complaints without labels, and train the linear model on its soft answers.

    The labelled ones among the complaints, those that the teacher learnt from first of all, tell how far to trust the
    pupil.
    """
    from training.commands import row_hashes, tell
    from training.distil import distil, settings_of
    from training.fit import STAGES
    from training.write_bundle import write_bundle

    loaded = bundle.load(teacher)
    with steps(len(STAGES) + 3) as begin:
        begin("Reading files")
        fitted, taught = distil(loaded, read_files(data), read_lexicon(), begin)
        begin("Writing the bundle")
        classes = read_classes(loaded.manifest.taxonomy.kind)
        settings = settings_of(loaded.manifest) | {"teacher": loaded.manifest.id, "taught_rows": taught}
        rows, unhashed = row_hashes(fitted, home)
        manifest = write_bundle(out, fitted, classes, settings, rows)
    tell(out, fitted, manifest.id, unhashed)


def bench_encoder_command(
    model: Annotated[Path, typer.Option(help="Folder of a bundle with an encoder.")],
    data: Annotated[list[Path], typer.Option(help="Labelled complaints that it was not trained on; repeatable.")],
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all figures to this file as JSON.")] = None,
) -> None:
    """Run a bundle's encoder by torch and onnxruntime, in full and in fewer bits: speed, and what each answers."""
    check_torch("pilah bench-encoder")
    from training import tables
    from training.commands import write_figures
    from training.encoder.engines import engines

    loaded = bundle.load(model)
    with steps(None) as begin:
        found = engines(model, loaded, read_files(data), begin)
    write_figures(json_file, {"engines": [asdict(one) for one in found]})
    Console().print(tables.engines(found))
