"""The model card of a bundle: its manifest in words, for those who decide whether to use it.

It is made when it is asked for, so that nothing stands in two places. After Mitchell et al., Model Cards for Model
Reporting, FAT* 2019, arXiv:1810.03993.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.manifest import Manifest

UNKNOWN = "not recorded"
INDONESIAN = {"topic": "topik", "agency": "instansi", "kind": "klasifikasi"}
CLASSES = {
    "national": "pilah's national reference tables; labels that they do not resolve were not trained on",
    "from-data": "the labels as the training data write them",
}

USES = """\
## Intended use (kegunaan)

- Sorting citizens' complaints (laporan) written in Indonesian: proposing the topic (topik), the agency (instansi) that
  has to answer and the kind (klasifikasi), each with a probability, and routing by itself only those above the
  thresholds.
- Complaints like those it learnt from: the same channel, the same labels, the months after them.

## Uses to avoid (bukan untuk)

- Deciding whether a complaint is true, deserves an answer, or what its author is entitled to; judging or profiling
  people.
- Emergencies: nobody may wait for its answer where life is in danger.
- Texts in other languages, chats, news; complaints of a city or sector whose labels it has not learnt, unless it was
  evaluated there.

## Who decides (siapa yang memutuskan)

A person, wherever a decision has legal or significant effect on somebody: UU 27/2022 (Pelindungan Data Pribadi),
article 10, lets people object to decisions made by automated processing alone. pilah only says where a complaint goes;
whatever it is unsure of goes to a reviewer (verifikator), a person can correct every answer, and the agency decides
what is done."""

LIMITS = """\
- Regional languages (bahasa daerah) and foreign ones are read only as far as their words stood in the training texts.
- It reads what is written: no pictures, links or attachments, and it does not check facts.
- Personal numbers are masked as `<NIK>`, `<TELEPON>`, `<EMAIL>` and `<NOMOR>` before anything is learnt; names of
  people and addresses are not.
- Later months drift: new matters, new bodies and new words come up, and accuracy falls. Evaluate on the newest months
  and retrain.
- Labels were given by people, who disagree with each other: no model can be right more often than their agreement
  lets it."""


def card(manifest: Manifest) -> str:
    """Return the model card as Markdown; what an older manifest does not hold is called not recorded."""
    targets = manifest.metrics.get("targets", {})
    made = manifest.metrics.get("encoder", {})
    parts = [_head(manifest), _data(manifest, targets), _metrics(manifest, targets)]
    parts += [_encoder(made)] if made else []
    return "\n\n".join((*parts, USES, _limits(targets), _settings(manifest))) + "\n"


def _head(manifest: Manifest) -> str:
    return (
        f"# Model card (kartu model) {manifest.id}\n\n"
        f"A pilah bundle of format {manifest.format}, trained on {manifest.created:%Y-%m-%d}. "
        "It sorts citizens' complaints in Indonesian."
    )


def _data(manifest: Manifest, targets: Mapping[str, Any]) -> str:
    data, details, taxonomy = manifest.data, manifest.data.details, manifest.taxonomy
    first, last = details.get("period") or (UNKNOWN, "")
    own = details.get("corpus_rows")
    unresolved = details.get("unresolved", {})
    lines = [
        "## Data (data latih)\n",
        f"- Complaints: {data.rows:,}, repeats left out" + (f"; {own:,} of pilah's own corpus" if own else ""),
        f"- Period: {first}" + (f" to {last}" if last else ""),
        f"- Fingerprint (SHA-256): {data.fingerprint}",
        f"- Taxonomy (taksonomi): {taxonomy.kind} {taxonomy.version}: {CLASSES[taxonomy.kind]}",
        f"- The topic is the label `{manifest.settings.get('topic_column', 'topic')}`",
    ]
    rows = [
        (_named(target), f"{one['rows']:,}", one["classes"], one["few_row_classes"], f"{unresolved.get(target, 0):,}")
        for target, one in targets.items()
    ]
    header = "target", "rows with a label", "classes", "of these with fewer than 5", "rows with an unresolved label"
    return "\n".join((*lines, *_table(header, rows)))


def _metrics(manifest: Manifest, targets: Mapping[str, Any]) -> str:
    lines = [
        "## Metrics (mutu)\n",
        "- On training rows, each answered by a model that had not seen it. Reports of later months are harder:",
        "  `pilah evaluate --html` measures those.",
        f"- Promise (janji): {_promise(manifest.settings)}.",
        "- Calibration error (ECE): how far stated probabilities are off, on average.",
    ]
    header = "target", "rows", "accuracy", "calibration error", "acted on from", "share acted on", "of these wrong"
    return "\n".join((*lines, *_table(header, [_measured(target, one) for target, one in targets.items()])))


def _encoder(made: Mapping[str, Any]) -> str:
    return (
        "## Encoder (penyandi)\n\n"
        f"- {made['base']}, {made['parameters']:,} parameters, fine-tuned for {made['epochs']} epochs; it answers "
        f"beside the linear model, which answers alone when time is short; {made['share']:.0%} of an answer is its.\n"
        f"- It never learnt from the newest {made['unseen_rows']:,} complaints, on which the figures above were "
        "measured. They also told when to stop training and how much the encoder counts: that flatters them a little.\n"
        f"- It is served in 8 bits: at most {made['int8_difference']:.4f} of a chance off what it answered in training "
        f"({made['onnx_difference']:.6f} in 32 bits), on the bundled example and others of pilah's corpus."
    )


def _promise(settings: Mapping[str, Any]) -> str:
    if not {"auto_error", "confidence"} <= settings.keys():
        return UNKNOWN
    wrong, confidence = _share(settings["auto_error"]), _share(settings["confidence"])
    return f"at most {wrong} of the answers acted on without a person are wrong, with {confidence} confidence"


def _measured(target: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    row = _named(target), f"{one['unseen_rows']:,}", _share(one["accuracy"]), _share(one["calibration_error"])
    if one["threshold"] is None:
        return *row, "never", "-", "-"
    return *row, f"{one['threshold']:.3f}", _share(one["auto_share"]), _share(one["auto_error"])


def _limits(targets: Mapping[str, Any]) -> str:
    few = [
        f"- {_named(target)}: {one['few_row_classes']} of {one['classes']} classes have few rows, and are seldom found."
        for target, one in targets.items()
        if one["few_row_classes"]
    ]
    missing = [
        f"- It does not answer the {_named(target)}." for target in INDONESIAN if targets and target not in targets
    ]
    return "\n".join(("## Limits (batas)\n", *few, *missing, LIMITS))


def _settings(manifest: Manifest) -> str:
    settings = [f"- {name}: {value}" for name, value in _flat(manifest.settings)]
    libraries = ", ".join(f"{name} {version}" for name, version in manifest.libraries.items())
    return "\n".join(
        ("## Settings and libraries (pengaturan)\n", *settings, f"- Python {manifest.python}, {libraries}")
    )


def _flat(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield settings with those of a table by their full name."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", each) for inner, each in _flat(value))
        else:
            yield name, value


def _table(header: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> Iterator[str]:
    """Yield a Markdown table with an empty line above it, or what stands for it where there is nothing."""
    yield ""
    if not rows:
        yield f"By target: {UNKNOWN}."
        return
    yield f"| {' | '.join(header)} |"
    yield "|---|" + "---:|" * (len(header) - 1)
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"


def _named(target: str) -> str:
    return f"{target} ({INDONESIAN[target]})"


def _share(value: float | None) -> str:
    return UNKNOWN if value is None else f"{100 * value:.1f} %"
