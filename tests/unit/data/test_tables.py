import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from classifier.errors import DataError
from classifier.names import name_key
from data import reference_commands
from data.tables import read_tables, read_taxonomy

TOPICS = (
    "code,name,main,sp4n_id,aliases,valid_from,valid_to,successors\n"
    "air,Air,Air,1,,,,\nair/sumur,Sumur,Air,2,Sumur Bor,,,\n"
)
AGENCIES = (
    "id,name,level,aliases,kind,parent,place,valid_from,valid_to,successors,source\n"
    "dinas-air,Dinas Air,provinsi|kabkota,Disair,dinas,,,,,,UU 1\n"
    "perum-air,Perum Air,national,,bumn,,,2020-01-01,,,UU 2\n"
)
OFFICES = "agency,level,name\ndinas-air,provinsi,Dinas Air {place}\n"
KINDS = "code,name,aliases\naspirasi,Aspirasi,\n"


def write(
    folder: Path, topics: str = TOPICS, agencies: str = AGENCIES, offices: str = OFFICES, kinds: str = KINDS
) -> Path:
    tables = {"topics": topics, "agencies": agencies, "offices": offices, "kinds": kinds}
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def problems(folder: Path) -> list[str]:
    return [str(problem) for problem in read_tables(folder).problems]


def test_good_tables_give_a_taxonomy_whose_version_follows_their_content(tmp_path: Path) -> None:
    first = read_taxonomy(write(tmp_path))
    label = first.resolve("topic", "sumur bor")
    assert (first.kind, len(first.version)) == ("national", 8)
    assert label is not None
    assert (label.code, label.name, label.group) == ("air/sumur", "Sumur", "Air")
    assert read_taxonomy(tmp_path).version == first.version
    assert read_taxonomy(write(tmp_path, kinds=KINDS + "bukan-laporan,Bukan Laporan,\n")).version != first.version


@pytest.mark.parametrize(
    ("table", "line", "where", "problem"),
    [
        ("topics", "air/sumur,Sumur Dua,Air,,,,,", "topics.csv, row 4", "code 'air/sumur' stands in row 3 too"),
        ("topics", "Air/Hujan,Hujan,Air,,,,,", "topics.csv, row 4", "bad code 'Air/Hujan'"),
        ("topics", "air/hujan/deras,Hujan,Air,,,,,", "topics.csv, row 4", "bad code"),
        ("topics", "api/unggun,Unggun,Api,,,,,", "topics.csv, row 4, column 'main'", "unknown main topic"),
        ("topics", "air/hujan,Hujan,Udara,,,,,", "topics.csv, row 4, column 'main'", "'Air', the name of its row"),
        ("topics", "air/hujan,Hujan,Air,2,,,,", "topics.csv, row 4, column 'sp4n_id'", "id 2 stands in row 3 too"),
        ("topics", "air/hujan,Hujan,Air,x,,,,", "topics.csv, row 4, column 'sp4n_id'", "bad id"),
        (
            "topics",
            "air/hujan,Hujan,Air,,SUMUR-BOR,,,",
            "topics.csv, row 4",
            "'sumur bor' means air/sumur and air/hujan",
        ),
        ("topics", "air/hujan,Hujan,Air,,,,2021-13-01,air", "topics.csv, row 4, column 'valid_to'", "bad day"),
        ("topics", "air/hujan,Hujan,Air,,,,,air", "topics.csv, row 4, column 'successors'", "still exists"),
        (
            "topics",
            "air/hujan,Hujan,Air,,,,2021-01-01,air/kali",
            "topics.csv, row 4, column 'successors'",
            "'air/kali'",
        ),
        ("agencies", "x,,national,,bumn,,,,,,UU", "agencies.csv, row 4, column 'name'", "empty name"),
        ("agencies", "x,X,national,Y||Z,bumn,,,,,,UU", "agencies.csv, row 4, column 'aliases'", "empty name"),
        ("agencies", "x,X,national,Y | Z,bumn,,,,,,UU", "agencies.csv, row 4, column 'aliases'", "stray white space"),
        ("agencies", "x,X,local,,bumn,,,,,,UU", "agencies.csv, row 4, column 'level'", "national|provinsi|kabkota"),
        ("agencies", "x,X,national,disair,bumn,,,,,,UU", "agencies.csv, row 4", "'disair' means dinas-air and x"),
        ("agencies", "x,X,national,,toko,,,,,,UU", "agencies.csv, row 4, column 'kind'", "unknown kind 'toko'"),
        ("agencies", "x,X,national,,bumn,y,,,,,UU", "agencies.csv, row 4, column 'parent'", "unknown parent 'y'"),
        ("agencies", "x,X,national,,bumn,x,,,,,UU", "agencies.csv, row 4, column 'parent'", "above itself"),
        ("agencies", "x,X,national,,bumn,,32.73,,,,UU", "agencies.csv, row 4, column 'place'", "bad place code"),
        ("agencies", "x,X,national,,bumn,,,,,,", "agencies.csv, row 4, column 'source'", "no source"),
        ("agencies", "x,X,national,,bumn,,,1944-01-01,,,UU", "agencies.csv, row 4, column 'valid_from'", "bad day"),
        ("agencies", "x,X,national,,bumn,,,2021-01-02,2021-01-01,,UU", "agencies.csv, row 4", "ends before it begins"),
        ("agencies", "x,X,national,,bumn,,,,2021-01-01,y,UU", "agencies.csv, row 4, column 'successors'", "'y'"),
        ("agencies", "x,X,national,,bumn,,,,2021-01-01,x,UU", "agencies.csv, row 4", "did not outlive it"),
        ("agencies", "x,Perum Air,national,,bumn,,,,2020-01-01,,UU", "agencies.csv, row 4", "'perum air' means"),
        ("offices", "kantor-air,provinsi,Kantor {place}", "offices.csv, row 3, column 'agency'", "unknown agency"),
        ("offices", "dinas-air,desa,Dinas {place}", "offices.csv, row 3, column 'level'", "no level 'desa'"),
        ("offices", "dinas-air,kabkota,Dinas Air", "offices.csv, row 3, column 'name'", "bad name"),
        ("offices", "dinas-air,kabkota,Dinas {kota}", "offices.csv, row 3, column 'name'", "bad name"),
        ("offices", "dinas-air,kabkota,Dinas {place", "offices.csv, row 3, column 'name'", "bad name"),
        ("offices", "dinas-air,provinsi,Kantor {place}", "offices.csv, row 3", "another office at provinsi"),
        ("kinds", "bukan laporan,Bukan Laporan,", "kinds.csv, row 3", "bad code"),
        ("kinds", "saran,aspirasi,", "kinds.csv, row 3", "'aspirasi' means aspirasi and saran"),
    ],
)
def test_a_wrong_row_is_told_with_file_row_and_problem(
    tmp_path: Path, table: str, line: str, where: str, problem: str
) -> None:
    tables = {"topics": TOPICS, "agencies": AGENCIES, "offices": OFFICES, "kinds": KINDS}
    tables[table] += line + "\n"
    found = problems(write(tmp_path, **tables))
    assert any(told.startswith(where) and problem in told for told in found), found
    with pytest.raises(DataError):
        read_taxonomy(tmp_path)


def test_every_problem_is_listed_not_only_the_first(tmp_path: Path) -> None:
    found = problems(write(tmp_path, agencies=AGENCIES + "A,A,national,,bumn,,,,,,UU\nb,B,nowhere,,bumn,,,,,,UU\n"))
    assert [told.split(":")[0] for told in found] == ["agencies.csv, row 4", "agencies.csv, row 5, column 'level'"]


def test_two_main_topics_may_share_the_official_name_of_a_leaf_but_no_alias(tmp_path: Path) -> None:
    shared = TOPICS + "api,Api,Api,,,,,\napi/sumur,Sumur,Api,,,,,\n"
    assert problems(write(tmp_path, topics=shared)) == []
    assert read_taxonomy(tmp_path).resolve("topic", "Sumur") is None
    assert problems(write(tmp_path, topics=shared + "api/gas,Gas,Api,,Sumur Bor,,,\n"))


def test_one_name_may_mean_two_bodies_on_different_days_or_at_different_places(tmp_path: Path) -> None:
    before = "perum-air-2000,Perum Air,national,,bumn,,,,2019-12-31,perum-air,UU\n"
    here, there = (f"pam-{code},PAM,kabkota,,bumd,,{code},,,,UU\n" for code in ("3273", "3578"))
    assert problems(write(tmp_path, agencies=AGENCIES + before + here + there)) == []
    label = read_taxonomy(tmp_path).resolve("agency", "Perum Air")
    assert label is not None
    assert label.code == "perum-air"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"kode,nama\n", "topics.csv, row 1: the header is another one"),
        (b"", "topics.csv, row 1: the header is another one"),
        (TOPICS.encode() + b"air/hujan,Hujan\n", "topics.csv, row 4: 2 cells; expected 8 cells"),
        (b"\xff\xfe\x00", "topics.csv: can't be read"),
        (TOPICS.encode() + b'air/hujan,"Hujan\n', "topics.csv, row 4: has a quote that is not closed"),
        (TOPICS.encode() + b'air/hujan,"Hu"jan,Air,,,,,\n' * 2, "topics.csv, row 4: has a quote"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    (write(tmp_path) / "topics.csv").write_bytes(content)
    with pytest.raises(DataError) as error:
        read_tables(tmp_path)
    assert str(error.value).startswith(told)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    (write(tmp_path) / "kinds.csv").unlink()
    with pytest.raises(DataError, match=r"kinds\.csv: can't be read"):
        read_tables(tmp_path)


def run_check() -> tuple[int, str]:
    app = typer.Typer()
    app.callback()(lambda: None)
    reference_commands.mount(app)
    result = CliRunner().invoke(app, ["reference", "check"])
    return result.exit_code, result.output


def test_the_tables_of_the_project_are_consistent() -> None:
    code, output = run_check()
    assert code == 0, output
    assert output.endswith("consistent\n")


def test_the_check_command_lists_problems_and_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path, agencies=AGENCIES + "x,X,nowhere,,bumn,,9999,,,,UU\n")
    monkeypatch.setattr(reference_commands, "read_tables", lambda: read_tables(folder))
    code, output = run_check()
    assert code == 1
    assert "agencies.csv, row 4, column 'level'" in output
    assert "agencies.csv, row 4, column 'place': unknown place '9999'" in output
    assert "consistent" not in output


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Dinas Kesehatan Kab. Antah", "dinas-kesehatan"),
        ("Dinas Kebudayaan Kepemudaan dan Olah Raga serta Pariwisata", "dinas-pariwisata"),
        ("Bagian Umum dan Protokol", "sekretariat-daerah"),
        ("Kelurahan Antah", "kelurahan"),
        ("Polres Antah", "polri"),
        ("Kementerian Pendidikan, Kebudayaan, Riset, dan Teknologi", "kementerian-pendidikan-dasar-dan-menengah"),
        ("Direktorat Jenderal Pajak Kementerian Keuangan", "ditjen-pajak"),
        ("Badan Kepegawaian Negara Kantor Regional Antah", "bkn"),
        ("Pemerintah Provinsi Antah", "pemerintah-daerah"),
    ],
)
def test_usual_agency_labels_resolve_to_the_projects_rows(written: str, code: str) -> None:
    label = read_taxonomy().resolve("agency", written)
    assert label is not None
    assert label.code == code


@pytest.mark.parametrize(
    ("source", "column", "target", "floor"),
    [
        ("kabbandung-sp4n", "topic", "topic", 0.97),
        ("kabbandung-sp4n", "topic_main", "topic", 1.0),
        ("kabbandung-sp4n", "classification", "kind", 1.0),
        ("kabbandung-sp4n", "agency", "agency", 0.97),
        ("surabaya-mediacenter", "agency", "agency", 0.95),
        ("lapor2017-nasional", "agency", "agency", 0.85),
    ],
)
def test_labels_of_real_reports_resolve(shared: Path, source: str, column: str, target: str, floor: float) -> None:
    path = shared / "complaints" / source / "train.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    labels = [row[column] for row in rows if row.get(column)]
    taxonomy = read_taxonomy()
    assert sum(taxonomy.resolve(target, label) is not None for label in labels) >= floor * len(labels)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Corona Virus / PKH Program Keluarga Harapan", "sosial-dan-kesejahteraan/pkh-program-keluarga-harapan"),
        ("Jaga Jarak Aman (Social Distancing)", "ketenteraman-dan-ketertiban/ketertiban-umum"),
        ("Pelayanan Kesehatan", "kesehatan/pelayanan-kesehatan"),
        ("PELANGGARAN MUDIK ASN", "ketenagakerjaan/pembinaan-kepegawaian"),
        ("Corona Virus / Lainnya", None),
    ],
)
def test_labels_of_the_retired_branches_mean_living_topics(written: str, code: str | None) -> None:
    label = read_taxonomy().resolve("topic", written)
    assert (label and label.code) == code


def test_every_category_of_sp4n_is_known(shared: Path) -> None:
    tree = json.loads((shared / "reference" / "sp4n_categories.json").read_text("utf-8"))
    known = {
        name_key(written)
        for row in read_tables().topics
        for name in (row.cells["name"], *row.aliases)
        for written in (name, f"{row.cells['main']} {name}")
    }
    categories = [f"{main} {leaf}" for main, leaves in tree.items() for leaf in leaves]
    assert not [category for category in (*tree, *categories) if name_key(category) not in known]
