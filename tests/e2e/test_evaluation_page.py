"""The evaluation page in a real browser: what a manager reads is what the figures say, on wide and narrow screens."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import toy
from playwright.sync_api import Browser, Page
from typer.testing import CliRunner

import pilah
from classifier.records import Complaint
from data.complaints import complaint_row

HOSTILE = "</title><script>document.title = 'dibajak'</script>"
CHANNELS = ("Situs", "Aplikasi", "Loket")


def many(*, mistaken: bool) -> list[Complaint]:
    """Return the toy complaints six times, each text twice, over five months; one topic in nine may be `mistaken`."""
    return [
        replace(
            one,
            id=f"{one.id}-{copy}",
            text=f"{one.text} {('pagi', 'siang', 'malam')[copy % 3]}",
            channel=CHANNELS[(at + copy) % 3],
            date=toy.START + timedelta(days=(at * 6 + copy) % 150),
            labels={**one.labels, "topic": HOSTILE if mistaken and (at + copy) % 9 == 0 else one.labels["topic"]},
        )
        for copy in range(6)
        for at, one in enumerate(toy.complaints())
    ]


def write(path: Path, complaints: list[Complaint]) -> Path:
    path.write_text("".join(json.dumps(complaint_row(one)) + "\n" for one in complaints), "utf-8")
    return path


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return the page and the figures that the command line writes."""
    folder = tmp_path_factory.mktemp("halaman")
    page, figures = folder / "nilai.html", folder / "nilai.json"
    learnt = write(folder / "latih.jsonl", many(mistaken=False))
    tested = write(folder / "uji.jsonl", many(mistaken=True))
    for model, error in (("lama", "0.1"), ("baru", "0.2")):
        run(
            "train",
            "--taxonomy",
            "from-data",
            "--data",
            learnt,
            "--out",
            folder / model,
            "--auto-error",
            error,
            home=folder,
        )
    compared = ("--train", learnt, "--against", folder / "lama")
    outputs = ("--html", page, "--json", figures, "--examples")
    run("evaluate", "--model", folder / "baru", "--data", tested, *compared, *outputs, home=folder)
    return page, json.loads(figures.read_text("utf-8"))


def run(*words: object, home: Path) -> None:
    done = CliRunner().invoke(pilah.app, [*map(str, words)], env={"PILAH_HOME": str(home)})
    assert done.exit_code == 0, done.exception


@pytest.fixture(params=[1280, 390])
def page(request: pytest.FixtureRequest, browser: Browser, written: tuple[Path, dict[str, Any]]) -> Iterator[Page]:
    """Return the open page; nothing but the file itself is asked for, and the console stays silent."""
    found = browser.new_page(viewport={"width": request.param, "height": 900})
    told: list[str] = []
    asked: list[str] = []
    found.on("console", lambda message: told.append(message.text))
    found.on("pageerror", lambda error: told.append(str(error)))
    found.on("request", lambda sent: asked.append(sent.url))
    found.goto(written[0].as_uri())
    yield found
    found.close()
    assert told == []
    assert [url for url in asked if not url.startswith("data:")] == [written[0].as_uri()]


def values(page: Page, selector: str) -> list[float]:
    return [float(one.get_attribute("value") or "") for one in page.locator(f"{selector} data").all()]


def test_nothing_has_to_be_scrolled_sideways(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    outside = page.evaluate(
        "[...document.querySelectorAll('main *')].filter(e => !e.closest('svg') && e.getClientRects().length"
        " && e.getBoundingClientRect().right > window.innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"
    )
    assert outside == []


def test_nothing_of_the_reports_is_run(page: Page) -> None:
    assert page.title().startswith("Laporan evaluasi ")
    assert page.locator("script").count() == 0
    assert page.get_by_text(HOSTILE).count() > 0


def test_the_headline_is_what_the_figures_say(page: Page, written: tuple[Path, dict[str, Any]]) -> None:
    figures = written[1]
    assert figures["topic"]["auto_share"] > 0 < figures["both"]["auto_share"]["value"]
    assert values(page, "#rows") == [figures["rows"]]
    for target in ("topic", "agency"):
        for name in ("accuracy", "top3", "auto_share", "auto_error", "macro_f1", "ece"):
            assert values(page, f"#{target}-{name}") == pytest.approx([figures[target][name]], rel=1e-5), name
        for name in ("ece_by_chance", "ece_by_chance_95"):
            assert values(page, f"#{target}-{name}") == pytest.approx([figures[target]["reliability"][name]], rel=1e-5)
    for name in ("auto_share", "auto_error", "accuracy"):
        assert values(page, f"#both-{name}") == pytest.approx([figures["both"][name]["value"]], rel=1e-5)


def test_figures_are_shown_as_they_are(page: Page) -> None:
    for one in page.locator("dd data, .big data").all():
        exact, shown = float(one.get_attribute("value") or ""), one.inner_text()
        if shown.endswith("%"):
            assert float(shown.rstrip("%").replace(",", ".")) == pytest.approx(100 * exact, abs=0.051)


def test_tables_are_what_the_figures_say(page: Page, written: tuple[Path, dict[str, Any]]) -> None:
    for target in ("topic", "agency"):
        figures = written[1][target]
        for by in ("month", "channel", "length"):
            expected = [
                number
                for one in figures["slices"][by]
                for number in (
                    one["rows"],
                    one["accuracy"]["value"],
                    one["auto_share"]["value"],
                    *([one["auto_error"]["value"]] if one["auto_error"] else []),
                )
            ]
            assert values(page, f"#{target}-{by}") == pytest.approx(expected, rel=1e-5), by
        for at, one in enumerate(figures["comparisons"]):
            ends = [one["difference"][end] for end in ("value", "low", "high")]
            assert values(page, f"#{target}-against-{at}") == pytest.approx([one["accuracy"], *ends], abs=1e-5)
        pairs = [one[name] for one in figures["confusions"] for name in ("rows", "error_share", "next_two")]
        assert values(page, f"#{target}-confusions") == pytest.approx(pairs, rel=1e-5)
        agreed = figures["contradictions"]["agreement"]
        assert values(page, f"#{target}-agreement") == pytest.approx([agreed], rel=1e-5)


def test_plots_have_a_point_a_bin_and_the_promise(page: Page, written: tuple[Path, dict[str, Any]]) -> None:
    for target in ("topic", "agency"):
        figures = written[1][target]
        assert page.locator(f"#{target} .reliability .dot").count() == len(figures["reliability"]["bins"])
        curve = page.locator(f"#{target} .risk .curve").get_attribute("points") or ""
        assert len(curve.split()) == len(figures["risk_coverage"])
        assert page.locator(f"#{target} .risk .promise").count() == 1
        assert page.locator(f"#{target} .risk .now").count() == (figures["auto_share"] > 0)
        box = page.locator(f"#{target} .risk").bounding_box()
        assert box
        assert box["width"] > 280


def test_examples_open_without_a_script(page: Page) -> None:
    first = page.locator("#topic-worst details").first
    assert not first.locator("blockquote").first.is_visible()
    first.locator("summary").click()
    assert first.locator("blockquote").first.is_visible()
