"""The evaluation as one page of HTML that needs nothing else: for those who decide, so in Indonesian."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from classifier.records import Target
from data.complaints import JAKARTA
from models.manifest import Manifest
from training.cases import Case, Judged
from training.confusion import Example, examples, mistaken_for, worst
from training.current import Missing, Rival
from training.evaluate import Report, TargetReport
from training.intervals import Estimate
from training.measures import ClassMeasures
from training.plots import Frame, nice_end

TEMPLATES = Path(__file__).parent / "templates"
TITLES: Mapping[Target, str] = {"topic": "Topik", "agency": "Instansi", "kind": "Klasifikasi"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")


@dataclass(frozen=True, slots=True)
class About:
    """What the page says about the evaluation itself.

    `promise` is the stated share of wrong answers among those acted on; `active` says whether the bundle compared with
    is the active one, `missing` why there is none; `texts` whether complaints may be shown.
    """

    model: str
    trained_on: int
    trained_at: date
    promise: float
    files: Sequence[str]
    written: date
    first: date | None = None
    last: date | None = None
    active: bool = False
    missing: Missing | None = None
    peers: bool = False
    texts: bool = False


@dataclass(frozen=True, slots=True)
class Bad:
    """A class that fares badly, what it is taken for, and texts where these may be shown."""

    measures: ClassMeasures
    taken_for: Sequence[str]
    examples: Sequence[Example]


def describe(
    manifest: Manifest, judged: Judged, files: Sequence[Path], rival: Rival, *, peers: bool, texts: bool
) -> About:
    """Return what the page says about an evaluation made now."""
    days = sorted(one.date.date() for one in judged.complaints if one.date)
    return About(
        model=manifest.id,
        trained_on=manifest.data.rows,
        trained_at=manifest.created.astimezone(JAKARTA).date(),
        promise=float(manifest.settings["auto_error"]),
        files=[path.name for path in files],
        written=datetime.now(JAKARTA).date(),
        first=days[0] if days else None,
        last=days[-1] if days else None,
        active=rival.active,
        missing=rival.missing,
        peers=peers,
        texts=texts,
    )


def render(report: Report, about: About, judged: Judged) -> str:
    """Return the page; every name and text in it is escaped, and it shows texts only if `about` says so."""
    bad = {target: _bad(cases, report.targets[target], about) for target, cases in judged.cases.items()}
    page = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page.filters |= {
        "persen": percent,
        "angka": number,
        "poin": points,
        "tanggal": day,
        "bulan": months,
        "nilai": valued,
        "putusan": verdict,
        "janji": kept,
    }
    page.globals |= {"Frame": Frame, "ends": _error_end, "spread": _spread}
    return page.get_template("page.html").render(report=report, about=about, bad=bad, titles=TITLES)


def percent(share: float, digits: int = 1) -> str:
    """Write a share as Indonesians do: 0.6104 is "61,0%"."""
    return f"{100 * share:.{digits}f}%".replace(".", ",")


def number(count: float, digits: int = 0) -> str:
    """Write a number as Indonesians do: 2093.5 is "2.094"."""
    return f"{count:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def points(difference: float) -> str:
    """Write a difference of shares in percentage points, with its sign: 0.012 is "+1,2"."""
    return f"{100 * difference:+.1f}".replace(".", ",").replace("-", "−")


def day(one: date) -> str:
    """Write a day: "3 Mei 2024"."""
    return f"{one.day} {MONTHS[one.month - 1]} {one.year}"


def months(name: str) -> str:
    """Write "2024-03" or "2024-03/2024-05" as "Mar 2024" or "Mar – Mei 2024"."""
    first, last = name.split("/")[0], name.split("/")[-1]
    end = f"{MONTHS[int(last[5:]) - 1]} {last[:4]}"
    if first == last:
        return end
    return f"{MONTHS[int(first[5:]) - 1]}{'' if first[:4] == last[:4] else f' {first[:4]}'} – {end}"


def valued(shown: str, figure: float) -> Markup:
    """Put the exact figure beside the one that is shown, for machines that read the page."""
    return Markup('<data value="{}">{}</data>').format(f"{figure:.6g}", shown)


def verdict(difference: Estimate) -> str:
    """Say whether a difference is more than chance."""
    if difference.low > 0:
        return "lebih baik"
    return "lebih buruk" if difference.high < 0 else "belum pasti"


def kept(error: Estimate | None, promise: float) -> str:
    """Say whether the promised share of wrong answers was kept: "ya", "acak" (above it, but by chance), "tidak".

    "kosong" where no answer was acted on.
    """
    if error is None:
        return "kosong"
    if error.value <= promise:
        return "ya"
    return "acak" if error.low <= promise else "tidak"


def _bad(cases: Sequence[Case], report: TargetReport, about: About) -> list[Bad]:
    return [
        Bad(one, mistaken_for(cases, one.code), examples(cases, one.code) if about.texts else ())
        for one in worst(report.classes)
    ]


def _error_end(target: TargetReport, promise: float) -> float:
    """Return the end of the error axis: the curve's, with room for the promise."""
    return nice_end([*(point.error for point in target.risk_coverage), 1.2 * promise])


def _spread(report: Report) -> float:
    """Return how far the differences of all comparisons reach."""
    found = [one.difference for target in report.targets.values() for one in target.comparisons]
    return nice_end(1.05 * abs(end) for one in found for end in (one.low, one.high))
