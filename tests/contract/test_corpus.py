"""The corpus is fit to learn from."""

import csv
import json
import re

import pytest

from classifier.records import Target
from classifier.redact import redact
from data.dataset import CORPUS, near_copies, read_corpus
from data.tables import REFERENCE, read_taxonomy

STYLES = frozenset(
    {
        "formal",
        "sms",
        "marah",
        "cerita",
        "tanya",
        "campur",
        "daerah",
        "singkat",
        "terusan",
        "terima-kasih",
        "salah-alamat",
    }
)
SIMILAR = 0.6  # MinHash similarity from which a text is a copy
PROVINCES = 38
TARGETS: tuple[Target, ...] = ("topic", "agency", "kind")


def test_there_are_enough_complaints_each_with_its_own_id() -> None:
    corpus = read_corpus()
    assert len(corpus) >= 4000
    assert len({one.id for one in corpus}) == len(corpus)


@pytest.mark.parametrize("target", TARGETS)
def test_every_label_is_a_code_of_the_reference(target: Target) -> None:
    taxonomy = read_taxonomy()
    labels = {one.labels[target] for one in read_corpus()}
    meanings = {label: taxonomy.resolve(target, label) for label in labels}
    assert not [label for label, meaning in meanings.items() if meaning is None or meaning.code != label]


def test_no_text_carries_a_personal_number() -> None:
    assert not [one.id for one in read_corpus() if redact(one.text).spans or redact(one.title).spans]


def test_no_two_texts_are_nearly_the_same() -> None:
    corpus = read_corpus()
    assert len(set(near_copies([one.text for one in corpus], SIMILAR))) == len(corpus)


def test_every_style_stands_in_it_and_no_other() -> None:
    rows = [json.loads(line) for path in CORPUS.glob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    assert {row["style"] for row in rows} == STYLES


def test_every_province_stands_in_it() -> None:
    places = read_taxonomy().agencies.places
    resolved = [places.resolve(region, "", "").candidates for region in {one.region for one in read_corpus()}]
    assert len({found[0].place.code[:2] for found in resolved if found}) == PROVINCES


def test_every_living_main_topic_stands_in_it() -> None:
    with (REFERENCE / "topics.csv").open(encoding="utf-8") as file:
        living = {row["code"].split("/")[0] for row in csv.DictReader(file) if not row["valid_to"]}
    assert {one.labels["topic"].split("/")[0] for one in read_corpus()} == living


def test_its_readme_counts_the_rows_of_each_file() -> None:
    readme = (CORPUS / "README.md").read_text("utf-8")
    counted = dict(re.findall(r"^\| `(\w+\.jsonl)` \| (\d+) \|", readme, re.MULTILINE))
    assert counted == {path.name: str(len(path.read_text("utf-8").splitlines())) for path in CORPUS.glob("*.jsonl")}
    assert f"{sum(map(int, counted.values())):,} complaints in Indonesian" in readme
