"""The page: how figures are written, what is escaped, and whose texts it shows."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import toy

from training.cases import Judged, judge
from training.evaluate import count
from training.fit import fit
from training.intervals import Estimate
from training.report import About, kept, months, number, percent, points, render, verdict

HOSTILE = "<script>alert('uji')</script>"
ABOUT = About("20260101-aaaaaaaa", 46, date(2026, 1, 1), 0.05, ["laporan.jsonl"], date(2026, 1, 2), missing="none")


def test_figures_are_written_as_indonesians_write_them() -> None:
    assert [percent(0.6104), percent(1, 0)] == ["61,0%", "100%"]
    assert [number(2093.5), number(1234567.25, 1)] == ["2.094", "1.234.567,2"]
    assert [points(0.0123), points(-0.2), points(0)] == ["+1,2", "−20,0", "+0,0"]
    assert [months("2024-03"), months("2024-03/2024-05"), months("2023-12/2024-01")] == [
        "Mar 2024",
        "Mar – Mei 2024",
        "Des 2023 – Jan 2024",
    ]


def test_a_difference_counts_only_beyond_chance() -> None:
    differences = Estimate(0.1, 0.05, 0.2), Estimate(0.1, -0.01, 0.2), Estimate(-0.1, -0.2, -0.01)
    assert [verdict(one) for one in differences] == ["lebih baik", "belum pasti", "lebih buruk"]


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (None, "kosong"),
        (Estimate(0.05, 0.01, 0.1), "ya"),
        (Estimate(0.06, 0.01, 0.1), "acak"),
        (Estimate(0.09, 0.06, 0.1), "tidak"),
    ],
)
def test_a_promise_is_kept_or_broken(error: Estimate | None, word: str) -> None:
    assert kept(error, 0.05) == word


def test_names_and_texts_that_are_markup_are_escaped() -> None:
    page = page_of(hostile(), texts=True)
    assert HOSTILE not in page
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#39;uji&#39;)&lt;/script&gt;" in page
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_no_text_stands_on_the_page_unless_it_may() -> None:
    judged = hostile()
    page = page_of(judged, texts=False)
    assert not [one for one in judged.complaints if one.text[:25] in page]
    assert "gilang-gemilang" not in page
    assert "gilang-gemilang" in page_of(judged, texts=True)


def test_shown_texts_are_masked() -> None:
    assert "081200000000" not in page_of(hostile(), texts=True)


def test_the_page_needs_nothing_else() -> None:
    page = page_of(hostile(), texts=True)
    assert not [word for word in ("http:", "https:", "url(", "@import", '<link rel="style', ' src="') if word in page]
    assert "default-src 'none'" in page


@pytest.mark.parametrize("missing", ["none", "same", "other-taxonomy", "broken", None])
def test_the_page_says_why_nothing_is_compared(missing: Any) -> None:
    judged = hostile()
    page = render(count(judged), replace(ABOUT, missing=missing), judged)
    assert ("dibandingkan" in page) == (missing is not None)
    assert "--train" in page


def test_an_evaluation_of_one_target_has_a_page() -> None:
    complaints = [replace(one, labels={"kind": one.labels["kind"]}) for one in toy.complaints() if "kind" in one.labels]
    judged = judge(toy.classifier(), complaints, toy.taxonomy())
    page = render(count(judged), ABOUT, judged)
    assert 'id="kind"' in page
    assert 'id="topic"' not in page


def hostile() -> Judged:
    """Return complaints whose topic is a script and whose texts hold mark-up, half of them with a wrong label."""
    bad = [
        replace(
            one,
            text=f"{one.text} <img src=x onerror=alert(1)> gilang-gemilang hp 081200000000",
            labels={"topic": HOSTILE if one.labels["topic"] == toy.ROADS else one.labels["topic"]},
        )
        for one in toy.complaints()
    ]
    classifier = fit(bad, toy.taxonomy(), toy.LEXICON, toy.config()).classifier
    wrong = [replace(one, labels={"topic": HOSTILE}) if at % 2 else one for at, one in enumerate(bad)]
    return judge(classifier, wrong, toy.taxonomy())


def page_of(judged: Judged, *, texts: bool) -> str:
    return render(count(judged), replace(ABOUT, texts=texts), judged)
