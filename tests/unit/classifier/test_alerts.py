"""Alerts: what rules a text meets."""

import json

import pytest

from classifier.alerts import COURTESY, Alert, AlertRules, Alerts, Rule
from classifier.normalise import Normaliser, words
from data.alerts import read_alerts

NORMALISE = Normaliser({"yg": "yang"})
RULES = AlertRules(
    (
        Rule("api", "urgent", ("kebakaran",), ("rumah", "gudang"), ("tahun lalu",), ("pemadam",), "113"),
        Rule("suap", "sensitive", ("pungli",), ("petugas", "@instansi")),
        Rule("iklan", "not-a-complaint", ("promo",), ("hubungi",), ("mohon",)),
    ),
    ("halo", "selamat pagi"),
)
FAR = " ".join(["kata"] * 20)


def codes(text: str, agency: str = "") -> list[str]:
    return [one.code for one in alerts(RULES, words(NORMALISE(text)), agency)]


def alerts(rules: AlertRules, said: list[str], agency: str = "") -> list[Alert]:
    return Alerts(rules, NORMALISE)(said, set(said), agency)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("KEBAKARAN di rumah Pak Contoh!", ["api"]),
        ("Gudangnya kebakaran", ["api"]),
        ("Kebakaran di pasar", []),
        (f"Kebakaran di pasar {FAR} rumah", []),
        ("Kebakaran rumah tahun lalu", []),
        ("Mobil pemadam kebakaran untuk rumah kami", []),
        (f"Promo murah {FAR} hubungi kami", ["iklan"]),
        (f"Promo murah, hubungi kami {FAR} mohon", []),
        ("Petugas pungli di rumah yang kebakaran", ["api", "suap"]),
        ("Halo, selamat pagi <TELEPON>", [COURTESY]),
        ("Halo, lampu mati", []),
        ("!!!", [COURTESY]),
    ],
)
def test_meets_rules(text: str, found: list[str]) -> None:
    assert codes(text) == found


def test_masks_are_no_words_between() -> None:
    assert codes(f"kebakaran {'<NOMOR> ' * 30} rumah") == ["api"]


def test_misconduct_is_of_the_body_that_would_answer() -> None:
    text = "Ada pungli di Samsat Uji"
    assert codes(text, "Samsat Uji") == ["suap"]
    assert codes(text, "PT Samsat Uji (Persero)") == ["suap"]
    assert codes(text, "Dinas Contoh") == []


def test_an_alert_says_its_kind_and_line() -> None:
    assert alerts(RULES, ["kebakaran", "rumah"]) == [Alert("api", "urgent", "113")]


def test_without_rules_there_are_no_alerts() -> None:
    assert alerts(AlertRules(), ["kebakaran", "rumah"]) == []


@pytest.mark.parametrize("rules", [RULES, AlertRules(), read_alerts()], ids=["small", "none", "reviewed"])
def test_rules_come_back_from_their_state(rules: AlertRules) -> None:
    assert AlertRules.from_state(json.loads(json.dumps(rules.state()))) == rules


@pytest.mark.parametrize(
    "state",
    [{}, {"rules": [{}], "courtesies": []}, {"rules": [{"code": "x", "kind": "lain", "words": []}], "courtesies": []}],
)
def test_another_state_is_refused(state: dict[str, object]) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        AlertRules.from_state(state)
