"""The tables of alerts: reading, checking, and lists written out."""

from pathlib import Path

import pytest

from classifier.errors import DataError
from data.alerts import LISTS, RULES, read_alert_tables, read_alerts

RULE_HEADER = "code,kind,words,near,unless,before,line,reviewed\n"
LIST_HEADER = "name,words,reviewed\n"
GOOD_LISTS = LIST_HEADER + "sapaan,halo|hai,2026-11-25\nrumah,rumah|gudang,2026-11-25\n"
GOOD = "api,urgent,api .. besar|kebakaran,@rumah|kios,,,113,2026-11-25\n"


def write(folder: Path, rules: str = GOOD, lists: str = GOOD_LISTS) -> Path:
    (folder / RULES).write_text(RULE_HEADER + rules, "utf-8")
    (folder / LISTS).write_text(lists, "utf-8")
    return folder


def test_reads_rules_with_their_lists_written_out(tmp_path: Path) -> None:
    found = read_alerts(write(tmp_path))
    assert found.courtesies == ("halo", "hai")
    assert found.rules[0].words == ("api .. besar", "kebakaran")
    assert found.rules[0].near == ("rumah", "gudang", "kios")
    assert (found.rules[0].kind, found.rules[0].line) == ("urgent", "113")


def test_the_reviewed_tables_have_rules_of_every_kind() -> None:
    assert {rule.kind for rule in read_alerts().rules} == {"urgent", "sensitive", "not-a-complaint"}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Api,urgent,api,,,,113,2026-11-25", "alerts.csv, row 2: bad code 'Api'"),
        (f"{GOOD}api,urgent,api,,,,113,2026-11-25", "alerts.csv, row 3: code 'api' stands in row 2 too"),
        ("api,gawat,api,,,,113,2026-11-25", "alerts.csv, row 2, column 'kind': unknown kind 'gawat'"),
        ("api,urgent,,,,,113,2026-11-25", "alerts.csv, row 2, column 'words': is empty"),
        ("api,urgent,Api,,,,113,2026-11-25", "alerts.csv, row 2, column 'words': 'Api' is no phrase"),
        ("api,urgent,api ..,,,,113,2026-11-25", "alerts.csv, row 2, column 'words': 'api ..' is no phrase"),
        ("api,urgent,api,@toko,,,113,2026-11-25", "alerts.csv, row 2, column 'near': unknown list '@toko'"),
        ("api,urgent,@instansi,,,,113,2026-11-25", "alerts.csv, row 2, column 'words': unknown list '@instansi'"),
        ("api,urgent,api,,,,911,2026-11-25", "alerts.csv, row 2, column 'line': no emergency line '911'"),
        ("api,sensitive,api,,,,113,2026-11-25", "alerts.csv, row 2, column 'line': a line '113' for what is not"),
        ("api,urgent,api,,,,113,kemarin", "alerts.csv, row 2, column 'reviewed': bad day 'kemarin'"),
    ],
)
def test_a_wrong_rule_is_named(tmp_path: Path, row: str, told: str) -> None:
    folder = write(tmp_path, row + "\n")
    problems = [str(problem) for problem in read_alert_tables(folder).problems]
    assert any(problem.startswith(told) for problem in problems), problems
    with pytest.raises(DataError):
        read_alerts(folder)


@pytest.mark.parametrize(
    ("lists", "told"),
    [
        ("rumah,rumah,2026-11-25\n", "alert_lists.csv: the list 'sapaan' is missing"),
        ("sapaan,,2026-11-25\nrumah,rumah,2026-11-25\n", "alert_lists.csv, row 2, column 'words': is empty"),
        ("sapaan,halo,,2026-11-25\n", "alert_lists.csv, row 2: 4 cells"),
    ],
)
def test_a_wrong_list_is_named(tmp_path: Path, lists: str, told: str) -> None:
    folder = write(tmp_path, lists=LIST_HEADER + lists)
    with pytest.raises(DataError) as error:
        read_alerts(folder)
    assert str(error.value).startswith(told)
