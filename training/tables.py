"""What the training commands print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Column, Table
from rich.text import Text

from classifier.records import GROUPS, Target

if TYPE_CHECKING:
    from training.audit import Audit
    from training.bench import Lead, Run
    from training.class_changes import Changes
    from training.encoder.engines import Engine
    from training.evaluate import Report, TargetReport
    from training.fit import Fitted
    from training.learning_curve import LearningCurve, Point
    from training.measures import Measures
    from training.monitor import Watch
    from training.replay import Month, Replay

PAIRS = 5  # of given and suggested labels, and classes of a target that changed
SHOWN = 20  # classes and unresolved labels; the JSON file holds all


def training(fitted: Fitted) -> Table:
    """Summarise what was learnt."""
    table = Table(
        "target", "classes", "accuracy on unseen rows", title=f"Learnt from {len(fitted.complaints):,} complaints"
    )
    counts = {"topic": fitted.classifier.topics, "agency": fitted.classifier.agencies, "kind": fitted.classifier.kinds}
    for target, accuracy in fitted.unseen_accuracy.items():
        table.add_row(target, str(len(counts[target])), f"{accuracy:.3f}")
    return table


def unresolved(fitted: Fitted) -> Iterator[str]:
    """Name the labels that the taxonomy could not place, the most frequent first."""
    for target, labels in fitted.unresolved.items():
        if labels:
            frequent = sorted(labels.items(), key=lambda item: (-item[1], item[0]))
            named = ", ".join(f"{label!r} ({rows})" for label, rows in frequent[:SHOWN])
            more = f" and {len(labels) - SHOWN} more" if len(labels) > SHOWN else ""
            yield f"{target}: {sum(labels.values())} rows not trained on, label not in the reference: {named}{more}"


def evaluation(report: Report) -> Iterator[Table]:
    """Show the measures of every target (and of main topics and archetypes), then its classes and months."""
    overview = _measures_table("target", f"{report.rows:,} complaints")
    for target, found in report.targets.items():
        _add(overview, target, found.overall)
    overview.caption = "\n".join(
        f"{GROUPS[target]} of the {target}: accuracy {found.groups.accuracy:.3f}, top-3 {found.groups.top3:.3f}"
        for target, found in report.targets.items()
        if found.groups
    )
    yield overview
    for target, found in report.targets.items():
        if found.comparisons:
            yield _comparisons(target, found)
        yield _classes(target, found)
        if found.months:
            months = _measures_table("month", f"{target} by month")
            for month, measures in found.months.items():
                _add(months, month, measures)
            yield months


def by_target(runs: Sequence[Run]) -> list[list[Run]]:
    """Group runs by set and target, in the order in which these first came."""
    order = {key: at for at, key in enumerate(dict.fromkeys((run.set, run.target) for run in runs))}
    ordered = sorted(runs, key=lambda run: order[run.set, run.target])
    return [list(group) for _, group in groupby(ordered, key=lambda run: (run.set, run.target))]


def benchmark(runs: Sequence[Run], ahead: Lead) -> Table:
    """Show all competitors on one set and target, and pilah's lead over the best peer."""
    interval = (
        f"{100 * ahead.difference:+.1f} points over {ahead.peer} [{100 * ahead.low:+.1f}, {100 * ahead.high:+.1f}]"
    )
    table = Table(title=f"{ahead.set}, {ahead.target}, {runs[0].measures.rows:,} test rows: {interval}")
    for name in ("", "accuracy", "macro-F1", "top-5", "fit s", "texts/s"):
        table.add_column(name, justify="right" if name else "left")
    for run in runs:
        shares = (run.measures.accuracy, run.measures.macro_f1, run.measures.top5)
        table.add_row(
            run.competitor,
            *(f"{share:.3f}" for share in shares),
            f"{run.fit_seconds:.1f}",
            f"{run.texts_a_second:,.0f}",
        )
    return table


def benchmark_json(runs: Sequence[Run], leads: Sequence[Lead]) -> dict[str, Any]:
    """Return all figures of a benchmark as one JSON object."""
    shown = [{key: value for key, value in asdict(run).items() if key != "right"} for run in runs]
    return {"runs": shown, "leads": [asdict(one) for one in leads]}


def engines(found: Sequence[Engine]) -> Table:
    """Show how fast each way to run an encoder is, and what it answers."""
    targets = list(found[0].accuracy)
    table = Table(title=f"{found[0].rows:,} complaints, one at a time on one thread")
    for name in ("", "texts/s", "p99 ms", *targets):
        table.add_column(name, justify="right" if name else "left")
    for one in found:
        speed = (f"{one.texts_a_second:,.0f}", f"{one.p99_ms:.1f}") if one.texts_a_second else ("", "")
        table.add_row(one.name, *speed, *(f"{one.accuracy[target]:.4f}" for target in targets))
    return table


def learning_curve(curve: LearningCurve) -> Table:
    """Show the accuracies after each number of own reports, alone and with our corpus."""
    since = f" from {curve.since:%Y-%m-%d} on" if curve.since else ""
    table = Table(title=f"Accuracy on {max(curve.rows.values()):,} held-back reports{since}")
    table.add_column("own reports", justify="right")
    for target in curve.rows:
        for name in ("alone", "with the corpus"):
            table.add_column(f"{GROUPS[target]}, {name}", justify="right")
    alone = {point.own: point for point in curve.alone}
    for point in curve.with_corpus:
        pairs = (_accuracy(one, target) for target in curve.rows for one in (alone.get(point.own), point))
        table.add_row(f"{point.own:,}", *pairs)
    return table


def watched(found: Watch, days: int, model: str) -> Iterator[Table]:
    """Show what was expected and found, then the groups that moved most."""
    title = f"{found.reports:,} reports and {found.reviews:,} reviews in {days} days, model {model}"
    table = Table("figure", title=title)
    for name in ("expected", "found", "by chance up to", ""):
        table.add_column(name, justify="right")
    for one in found.figures:
        shares = (f"{share:.3f}" for share in (one.expected, one.found, one.chance))
        table.add_row(one.name, *shares, "changed" if one.changed else "")
    if table.row_count:
        yield table
    moved = Table("target", Column("moved most", overflow="fold"))
    for name in ("expected", "found"):
        moved.add_column(name, justify="right")
    for target, groups in found.groups.items():
        for group, before, now in groups:
            moved.add_row(target, escape(group), f"{before:.3f}", f"{now:.3f}")
    if moved.row_count:
        yield moved


def replayed(found: Replay) -> Table:
    """Show accuracy and automation of each line by month, then over all months."""
    from training.replay import LINES, flat

    table = Table("month", "model", title=f"In brackets what is wrong of that; promised: at most {found.promise:.1%}")
    for name in ("reports", "learnt from", "topic right", "agency right", "topic acted on", "agency acted on", "both"):
        table.add_column(name, justify="right")
    for line, month in (*flat(found), *found.whole().items()):
        table.add_row(month.month, LINES[line], f"{month.rows:,}", f"{month.learnt:,}", *_played(month))
    return table


def _played(month: Month) -> Iterator[str]:
    yield from (f"{share:.3f}" for share in month.accuracy.values())
    for one in month.routed.values():
        yield f"{one.share:.3f}" + ("" if one.error is None else f" ({one.error:.3f})")


def _accuracy(point: Point | None, target: Target) -> str:
    return f"{point.accuracy[target].value:.3f}" if point and target in point.accuracy else ""


def _comparisons(target: Target, report: TargetReport) -> Table:
    table = Table(Column(f"{target} beside", overflow="fold"), title=f"{target}: accuracy on the same reports")
    for name in ("accuracy", "points ahead [95 %]"):
        table.add_column(name, justify="right")
    for one in report.comparisons:
        ends = (100 * end for end in (one.difference.value, one.difference.low, one.difference.high))
        table.add_row(escape(one.name), f"{one.accuracy:.3f}", "{:+.1f} [{:+.1f}, {:+.1f}]".format(*ends))
    return table


def changes(found: Changes) -> Iterator[Table | Text]:
    """Show the classes with more or fewer right answers than before, and those that are new or gone."""
    table = Table("target", Column("class", overflow="fold"), title="Classes that changed most")
    for name in ("rows", "right before", "right now"):
        table.add_column(name, justify="right")
    for target, classes in found.classes.items():
        for one in sorted(classes, key=lambda one: -abs(one.gain))[:PAIRS]:
            table.add_row(target, escape(one.code), f"{one.rows:,}", f"{one.before:,}", f"{one.after:,}")
    if table.row_count:
        yield table
    for name, labels in (("new", found.new), ("gone", found.gone)):
        for target, codes in labels.items():
            more = f" and {len(codes) - PAIRS} more" if len(codes) > PAIRS else ""
            yield Text(f"{target}, {name}: {', '.join(codes[:PAIRS])}{more}")


def audited(found: Audit) -> Iterator[Table]:
    """Count what an audit found by target, then the pairs of labels that stand there most often."""
    table = Table("target", title=f"Labels of {len(found.rows):,} complaints")
    for name in ("judged", "contradictions", "suspected", "share", "not in the taxonomy"):
        table.add_column(name, justify="right")
    for target, judged in found.judged.items():
        why = Counter(one.why for one in found.findings if one.target == target)
        share = f"{why.total() / judged:.1%}" if judged else ""
        counts = judged, why["contradiction"], why["suspected"]
        table.add_row(target, *(f"{count:,}" for count in counts), share, f"{found.unresolved[target]:,}")
    yield table
    pairs = Counter((one.target, one.given, one.suggested) for one in found.findings)
    often = Table("target", *(Column(name, overflow="fold") for name in ("given", "suggested")), title="Most frequent")
    often.add_column("rows", justify="right")
    for (target, given, suggested), rows in pairs.most_common(PAIRS):
        often.add_row(target, escape(given), escape(suggested), str(rows))
    if pairs:
        yield often


def _classes(target: Target, report: TargetReport) -> Table:
    hidden = len(report.classes) - SHOWN
    title = f"{target} by class" + (f" (the {SHOWN} largest; --json holds {hidden} more)" if hidden > 0 else "")
    table = Table(Column("class", overflow="fold"), title=title)  # a class's name is never cut off
    for name in ("rows", "answered", "precision", "recall", "F1"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in report.classes[:SHOWN]:
        shares = (f"{share:.2f}" for share in (one.precision, one.recall, one.f1))
        table.add_row(escape(one.code), str(one.rows), str(one.answered), *shares)
    return table


def _measures_table(first: str, title: str) -> Table:
    table = Table(Column(first, no_wrap=True), title=title)
    for name in ("rows", "accuracy", "macro-F1", "top-3", "top-5", "ECE", "auto"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("of these wrong", justify="right")  # wraps where a terminal has only 80 columns
    return table


def _add(table: Table, name: str, one: Measures) -> None:
    shares = (one.accuracy, one.macro_f1, one.top3, one.top5, one.ece, one.auto_share, one.auto_error)
    table.add_row(name, str(one.rows), *(f"{share:.3f}" for share in shares))
