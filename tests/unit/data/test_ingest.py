"""Exports into complaints: what is kept, what is refused and why, and that no row and no number gets lost."""

import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from classifier.errors import DataError, InputError
from data.commands import mount
from data.complaints import JAKARTA, read_complaints
from data.ingest import Summary, ingest, rejected_path
from data.sheets import Row

NOW = datetime(2024, 5, 1, 9, 0, tzinfo=JAKARTA)
HEADER = (
    "Tracking ID",
    "Tanggal Laporan Masuk",
    "Waktu Laporan Masuk",
    "Klasifikasi Laporan",
    "ID Kategori",
    "Kategori",
    "Judul Laporan",
    "Isi Laporan Awal",
    "Isi Laporan Akhir",
    "Tipe Laporan (Anonim/Rahasia)",
    "Sumber Laporan",
    "Instansi Induk",
    "ID Instansi Terdisposisi",
    "Instansi Terdisposisi",
    "Status Laporan",
    "Alasan Tunda/Arsip",
    "Provinsi",
    "Kota/Kabupaten",
    "Kecamatan",
    "Kelurahan",
)
MAP = ("Nomor=id", "Isi=text")


def report(**changes: Any) -> list[Any]:
    """Return a row of an SP4N export; changes name columns by their first word in small letters."""
    values = dict.fromkeys(HEADER)
    values |= {
        "Tracking ID": "9000001",
        "Tanggal Laporan Masuk": "18 Jan 2024",
        "Waktu Laporan Masuk": "01:33:26",
        "Klasifikasi Laporan": "Pengaduan Tidak Berkadar Pengawasan",
        "Kategori": "Jalan Berlubang",
        "Judul Laporan": "Lubang di tikungan",
        "Isi Laporan Awal": "Aspal di tikungan pasar kambing amblas sedalam ember.",
        "Isi Laporan Akhir": "Disunting admin.",
        "Sumber Laporan": "Website",
        "Instansi Terdisposisi": "Dinas Bina Marga",
        "Status Laporan": "Ditutup oleh Sistem",
        "Provinsi": "Jawa Barat",
        "Kota/Kabupaten": "Bandung",
        "Kecamatan": "CIPARAY",
        "Kelurahan": "Ciheulang",
    }
    short = {"id": HEADER[0], "date": HEADER[1], "time": HEADER[2], "text": HEADER[7], "type": HEADER[9]}
    short |= {"title": HEADER[6], "agency": HEADER[13], "status": HEADER[14], "reason": HEADER[15]}
    short["channel"] = HEADER[10]
    return list((values | {short[name]: value for name, value in changes.items()}).values())


def workbook(path: Path, rows: Iterable[Sequence[Any]], sheet: str = "Sheet1") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    book.save(path)
    return path


def run(export: Path, *columns: str, **options: Any) -> tuple[Summary, list[dict[str, Any]], list[dict[str, Any]]]:
    """Ingest, check that every row is accounted for, and return the summary, the kept and the rejected rows."""
    out = export.with_name("out.jsonl")
    summary = ingest(export, out, now=NOW, columns=columns, **options)
    kept, rejected = rows_of(out), rows_of(rejected_path(out))
    assert summary.rows == len(kept) + len(rejected)
    assert summary.kept == len(kept) == len(list(read_complaints(out)))
    assert summary.rows == summary.kept + summary.dropped.total() + summary.duplicates.total()
    return summary, kept, rejected


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def test_reads_an_sp4n_export(tmp_path: Path) -> None:
    export = workbook(tmp_path / "e.xlsx", [HEADER, report(type="Anonim|Rahasia")])
    summary, kept, _ = run(export)
    assert summary.layout == "SP4N Laporan Ringkas"
    assert kept == [
        {
            "id": "9000001",
            "text": "Aspal di tikungan pasar kambing amblas sedalam ember.",
            "title": "Lubang di tikungan",
            "region": "Provinsi Jawa Barat, Bandung, Kec. CIPARAY, Kel. Ciheulang",
            "date": "2024-01-18T01:33:26+07:00",
            "channel": "Website",
            "visibility": "rahasia",
            "topic": "Jalan Berlubang",
            "agency": "Dinas Bina Marga",
            "kind": "Pengaduan Tidak Berkadar Pengawasan",
            "status": "Ditutup oleh Sistem",
        }
    ]


def test_finds_the_header_under_titles_and_beside_a_number_column(tmp_path: Path) -> None:
    rows = [["LAPORAN RINGKAS"], [], ["Periode", "Januari"], ["No", *HEADER], [1, *report()], [], [None, " "]]
    summary, kept, _ = run(workbook(tmp_path / "e.xlsx", rows))
    assert summary.rows == 1
    assert kept[0]["id"] == "9000001"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("Diarsipkan oleh Admin", "Bukti kurang"),
        ("Menunggu Kelengkapan Informasi", None),
        ("Belum Terverifikasi", None),
        (None, "Bukti kurang"),
    ],
)
def test_an_unrouted_report_keeps_its_reason_but_no_agency(
    tmp_path: Path, status: str | None, reason: str | None
) -> None:
    summary, [row], _ = run(workbook(tmp_path / "e.xlsx", [HEADER, report(status=status, reason=reason)]))
    assert "agency" not in row
    assert (row.get("status"), row.get("archive_reason"), row["topic"]) == (status, reason, "Jalan Berlubang")
    assert summary.unrouted == 1


@pytest.mark.parametrize(
    ("day", "clock", "meant"),
    [
        ("5 Mei 2023", None, "2023-05-05T00:00:00+07:00"),
        ("17 Agt 2023", "13:09", "2023-08-17T13:09:00+07:00"),
        ("17 Agustus 2023 13:09:01", None, "2023-08-17T13:09:01+07:00"),
        ("1 Okt 2023", time(7, 5), "2023-10-01T07:05:00+07:00"),
        ("31-Des-2023", "07.05 WIB", "2023-12-31T07:05:00+07:00"),
        ("2/1/2024", None, "2024-01-02T00:00:00+07:00"),
        ("2024-01-18 13:09:00", None, "2024-01-18T13:09:00+07:00"),
        (datetime(2024, 1, 18, 13, 9), None, "2024-01-18T13:09:00+07:00"),
        (datetime(2024, 1, 18), time(7, 5), "2024-01-18T07:05:00+07:00"),
        (None, "13:09", None),
    ],
)
def test_reads_dates_as_exports_write_them(tmp_path: Path, day: Any, clock: Any, meant: str | None) -> None:
    _, [row], _ = run(workbook(tmp_path / "e.xlsx", [HEADER, report(date=day, time=clock)]))
    assert row.get("date") == meant


@pytest.mark.parametrize(
    ("changes", "column", "problem"),
    [
        ({"id": None}, "Tracking ID", "is missing"),
        ({"text": None}, "Isi Laporan Awal", "is missing"),
        ({"text": " \n "}, "Isi Laporan Awal", "is missing"),
        ({"date": "32 Jan 2024"}, "Tanggal Laporan Masuk, Waktu Laporan Masuk", "is not a date"),
        ({"date": "18 Foo 2024"}, "Tanggal Laporan Masuk, Waktu Laporan Masuk", "is not a date"),
        ({"date": 45309}, "Tanggal Laporan Masuk, Waktu Laporan Masuk", "is not a date"),
        ({"time": "25:00"}, "Tanggal Laporan Masuk, Waktu Laporan Masuk", "is not a date"),
        ({"date": "18 Jan 2034"}, "Tanggal Laporan Masuk, Waktu Laporan Masuk", "is in the future"),
        ({"date": "18 Jan 1824"}, "Tanggal Laporan Masuk, Waktu Laporan Masuk", "is before 1945"),
        ({"type": "Entah"}, "Tipe Laporan (Anonim/Rahasia)", "is not one of the known values"),
    ],
)
def test_a_bad_row_is_written_beside_and_good_ones_are_kept(
    tmp_path: Path, changes: dict[str, Any], column: str, problem: str
) -> None:
    bad = report(**{"id": "9000002", "title": "Hubungi 0812-0000-0000"} | changes)
    summary, kept, [rejected] = run(workbook(tmp_path / "e.xlsx", [HEADER, bad, report()]))
    assert [row["id"] for row in kept] == ["9000001"]
    assert summary.dropped == {f"{column}: {problem}": 1}
    assert rejected["file"].endswith("e.xlsx")
    assert (rejected["row"], rejected["column"], rejected["problem"]) == (2, column, problem)
    assert rejected["expected"]
    assert rejected["title"] == "Hubungi <TELEPON>"


def test_counts_duplicates_by_id_and_by_content(tmp_path: Path) -> None:
    rows = [
        report(),
        report(text="Isi lain dengan nomor laporan yang sama."),
        report(id="9000002", text="ASPAL di tikungan  pasar kambing amblas sedalam ember.", time="09:00:00"),
        report(id="9000003", date="19 Jan 2024"),
    ]
    summary, kept, rejected = run(workbook(tmp_path / "e.xlsx", [HEADER, *rows]))
    assert [row["id"] for row in kept] == ["9000001", "9000003"]
    assert summary.duplicates == {"the same id": 1, "the same title, text and day": 1}
    assert [row["problem"] for row in rejected] == [
        "has the same id as row 2",
        "has the same title, text and day as row 2",
    ]


def test_masks_whatever_a_citizen_may_have_typed(tmp_path: Path) -> None:
    row = report(
        title="Telp 0812-0000-0000",
        text="Balas ke contoh@example.com",
        channel="SMS dari 0812-0000-0000",
        status="Diarsipkan",
        reason="WA 081200000000",
    )
    summary, [kept], _ = run(workbook(tmp_path / "e.xlsx", [HEADER, row]))
    assert kept["channel"] == "SMS dari <TELEPON>"
    assert kept["title"] == "Telp <TELEPON>"
    assert kept["text"] == "Balas ke <EMAIL>"
    assert kept["archive_reason"] == "WA <TELEPON>"
    assert summary.masked == {"<TELEPON>": 3, "<EMAIL>": 1}


def test_a_nik_is_no_report_number(tmp_path: Path) -> None:
    export = tmp_path / "e.csv"
    export.write_text("Nomor,Isi\n3204110101990000,Lampu mati\n2,Lampu pecah\n")
    _, _, [rejected] = run(export, *MAP)
    assert (rejected["problem"], rejected["id"]) == ("is a citizen's NIK", "<NIK>")


def test_repairs_what_the_export_broke_and_nothing_else(tmp_path: Path) -> None:
    text = "Lampu A_x000D_\nmati &amp; kabel &quot;putus&quot;<br />\ntolong &copy; <b>segera</b> "
    _, [row], _ = run(workbook(tmp_path / "e.xlsx", [HEADER, report(text=text, title="Lampu\n  mati")]))
    assert row["text"] == 'Lampu A\nmati & kabel "putus"\ntolong &copy; <b>segera</b>'
    assert row["title"] == "Lampu mati"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(("encoding", "found"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp1252", "cp1252")])
def test_finds_out_how_a_csv_is_written(tmp_path: Path, delimiter: str, encoding: str, found: str) -> None:
    export = tmp_path / "e.csv"
    lines = [
        "Rekap, semua; kanal",
        delimiter.join(("Nomor", "Isi")),
        delimiter.join(("1", '"Jembatan é, ambruk;\nlagi"')),
    ]
    export.write_bytes("\r\n".join(lines).encode(encoding))
    summary, [row], _ = run(export, *MAP)
    assert row == {"id": "1", "text": "Jembatan é, ambruk;\nlagi"}
    assert summary.encoding == found


def test_reads_utf_16_as_spreadsheets_save_unicode_text(tmp_path: Path) -> None:
    export = tmp_path / "e.csv"
    export.write_bytes("Nomor\tIsi\n1\tJembatan é ambruk\n".encode("utf-16"))
    assert run(export, *MAP)[1] == [{"id": "1", "text": "Jembatan é ambruk"}]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_reads_utf_16_without_a_mark(tmp_path: Path, encoding: str) -> None:
    export = tmp_path / "e.csv"
    export.write_bytes("Nomor;Isi\n1;Jembatan é ambruk ✔\n".encode(encoding))
    summary, [row], _ = run(export, *MAP)
    assert row == {"id": "1", "text": "Jembatan é ambruk ✔"}
    assert summary.encoding == encoding


@pytest.mark.parametrize("content", ["Nomor;Isi\n1;Air mati\n".encode("utf-32-le"), bytes(500)])
@pytest.mark.parametrize("name", ["e.csv", "e.jsonl"])
def test_a_file_that_is_no_text_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match="is no text that can be read, or in an encoding that is not known; expected"):
        ingest(tmp_path / name, tmp_path / "out.jsonl", now=NOW, columns=MAP)


def test_a_few_nul_characters_are_no_utf_16(tmp_path: Path) -> None:
    export = tmp_path / "e.csv"
    export.write_bytes(b"Nomor,Isi\n1,Air mati\0\0\0\0\n")
    summary, kept, _ = run(export, *MAP)
    assert (summary.encoding, kept) == ("utf-8", [{"id": "1", "text": "Air mati"}])


def test_a_row_in_another_encoding_is_rejected_alone(tmp_path: Path) -> None:
    export = tmp_path / "e.csv"
    export.write_bytes("Nomor,Isi\n1,Jembatan é ambruk\n".encode() + "2,Selokan é penuh\n".encode("cp1252"))
    _, kept, [rejected] = run(export, *MAP)
    assert [row["id"] for row in kept] == ["1"]
    assert (rejected["row"], rejected["column"], rejected["problem"]) == (3, "Isi", "is not valid Unicode")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_wrong_encoding_is_said(tmp_path: Path, encoding: str) -> None:
    export = tmp_path / "e.csv"
    export.write_bytes("Nomor,Isi\n1,Selokan é penuh\n".encode("cp1252"))
    with pytest.raises(DataError, match=r"decoded|not valid Unicode"):
        ingest(export, tmp_path / "out.jsonl", now=NOW, columns=MAP, encoding=encoding)
    assert not (tmp_path / "out.jsonl").exists()


def test_a_5_mb_text_is_rejected_and_not_copied(tmp_path: Path) -> None:
    export = tmp_path / "e.csv"
    export.write_text("Nomor,Isi\n1," + "lumpur " * 750_000 + "\n2,Lumpur di jalan desa\n")
    _, kept, [rejected] = run(export, *MAP)
    assert [row["id"] for row in kept] == ["2"]
    assert (rejected["row"], rejected["column"]) == (2, "Isi")
    assert rejected["problem"] == "is longer than 100,000 characters"
    assert "text" not in rejected


@pytest.mark.parametrize(
    ("line", "problem"),
    [('2,Air keruh,lebih\n3,"Air mati"\n', "more cells than the header"), ('3,Air mati\n2,"Air keruh', "not closed")],
)
def test_a_row_that_does_not_fit_the_header_is_rejected(tmp_path: Path, line: str, problem: str) -> None:
    export = tmp_path / "e.csv"
    export.write_text("Nomor,Isi\n1,Pipa bocor\n" + line)
    _, kept, [rejected] = run(export, *MAP)
    assert [row["id"] for row in kept] == ["1", "3"]
    assert problem in rejected["problem"]


def test_a_quote_that_nobody_closes_costs_its_own_row(tmp_path: Path) -> None:
    export = tmp_path / "e.csv"
    rows = [f'{number},"Pompa desa {number}, rusak\nlagi",Kidul' for number in range(3, 200)]
    lines = ["Rekap kanal", "Nomor,Isi,Desa", "1,Pipa bocor,Lor", '2,"Air keruh,Wetan', *rows, "200,Air mati,Lor"]
    export.write_text("\n".join(lines) + "\n")
    summary, kept, [rejected] = run(export, *MAP)
    assert [row["id"] for row in kept] == ["1", *map(str, range(3, 201))]
    assert summary.rows == 200
    assert summary.dropped == {"row: has a quote that is not closed, or one too many": 1}
    assert (rejected["file"], rejected["row"]) == (str(export), 4)
    assert "two for each inside it" in rejected["expected"]


def test_joins_columns_and_takes_any_label(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Kode", "Uraian", "Harapan", "Kota", "Kecamatan", "Tgl", "Jam", "Sifat", "OPD", "Loket"],
        [
            12.0,
            "Pohon tumbang",
            "Mohon dipotong",
            "Kota Contoh",
            "Kelapa Dua",
            "3 Mei 2023",
            "08:00",
            "Publik",
            "DLH",
            4,
        ],
    ]
    columns = ("Kode=id", "uraian=text", "Harapan=text", "Kota=region", "Kecamatan=region", "Tgl=date", "Jam=date")
    summary, [row], _ = run(
        workbook(tmp_path / "e.xlsx", rows), *columns, "Sifat=visibility", "OPD=agency", "Loket=loket"
    )
    assert row == {
        "id": "12",
        "text": "Pohon tumbang\nMohon dipotong",
        "region": "Kota Contoh, Kec. Kelapa Dua",
        "date": "2023-05-03T08:00:00+07:00",
        "agency": "DLH",
        "loket": "4",
    }
    assert summary.labelled == {"agency": 1, "loket": 1}


def test_makes_ids_from_the_rows_when_none_is_mapped(tmp_path: Path) -> None:
    export = workbook(tmp_path / "rekap.xlsx", [["Isi"], ["Halte gelap"], ["Halte roboh"]])
    summary, kept, _ = run(export, "Isi=text")
    assert summary.made_ids
    assert [row["id"] for row in kept] == ["rekap-2", "rekap-3"]


def test_reads_pilahs_own_fields_from_jsonl_and_parquet(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "1", "text": "Sumur kering", "date": "2024-01-18", "topic": "Air", "mutu": "baik"}
    ]
    jsonl, parquet = tmp_path / "e.jsonl", tmp_path / "e.parquet"
    jsonl.write_text("".join(json.dumps(row) + "\n" for row in rows))
    pq.write_table(pa.Table.from_pylist(rows), parquet)
    meant = [rows[0] | {"date": "2024-01-18T00:00:00+07:00"}]
    assert run(jsonl)[1] == run(parquet)[1] == meant


def test_bad_json_lines_are_rejected(tmp_path: Path) -> None:
    export = tmp_path / "e.jsonl"
    export.write_text('{"no": 1, "isi": "Sumur kering"}\n{"no":\n[1]\n{"no": 2, "isi": {"a": 1}}\n')
    _, kept, rejected = run(export, "no=id", "isi=text")
    assert len(kept) == 1
    assert [(row["row"], row["column"]) for row in rejected] == [(2, None), (3, None), (4, "isi")]


def test_reads_the_named_sheet(tmp_path: Path) -> None:
    export = workbook(tmp_path / "e.xlsx", [["Catatan"]])
    book = openpyxl.load_workbook(export)
    page = book.create_sheet("Data")
    page.append(["Nomor", "Isi"])
    page.append([1, "Trotoar pecah"])
    book.save(export)
    assert run(export, *MAP, sheet="Data")[1] == [{"id": "1", "text": "Trotoar pecah"}]
    with pytest.raises(DataError, match="has no sheet 'Lain'; expected one of Sheet1, Data"):
        run(export, *MAP, sheet="Lain")


@pytest.mark.parametrize(
    ("name", "content", "columns", "message"),
    [
        ("e.csv", b"", MAP, "is empty"),
        ("e.csv", b"\n\n", MAP, "has no row with values"),
        ("e.csv", b"Nomor,Isi\n", MAP, "has no rows under its header"),
        ("e.jsonl", b"\n", MAP, "has no JSON object"),
        ("e.csv", b"Nomor,Uraian\n1,Lampu mati\n", MAP, "column 'Isi': is missing; expected one of: Nomor, Uraian"),
        ("e.csv", b"Nomor,Uraian\n1,Lampu mati\n", (), "--map .*found: Nomor, Uraian"),
        ("e.csv", b"1,telp 0812-0000-0000\n", (), "found: 1, telp <TELEPON>"),
        ("e.csv", b"Tracking ID,Isi Laporan Akhir,Kategori,Klasifikasi Laporan\n1,a,b,c\n", (), "'Isi Laporan Awal'"),
        ("e.csv", b"Nomor,Isi,isi\n1,a,b\n", MAP, "is there twice"),
        ("e.csv", b"Nomor,Isi\n1,\n", MAP, "no row that could be kept"),
        ("e.xlsx", b"PK\x03\x04 rusak", MAP, "is damaged or no workbook"),
        ("e.xlsx", b"\xd0\xcf\x11\xe0 terkunci", MAP, "has a password"),
        ("e.parquet", b"rusak", MAP, "can't be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, name: str, content: bytes, columns: Sequence[str], message: str
) -> None:
    export, out = tmp_path / name, tmp_path / "out.jsonl"
    export.write_bytes(content)
    out.write_text("lama")
    with pytest.raises(DataError, match=message) as caught:
        ingest(export, out, now=NOW, columns=columns)
    assert caught.value.file == str(export)
    assert out.read_text() == "lama"


def test_a_zip_that_is_no_workbook_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "e.xlsx", "w") as archive:
        archive.writestr("catatan.txt", "bukan buku kerja")
    with pytest.raises(DataError, match="is damaged or no workbook"):
        run(tmp_path / "e.xlsx", *MAP)


@pytest.mark.parametrize(
    ("name", "options", "field"),
    [
        ("e.pdf", {}, "EXPORT"),
        ("e.csv", {"sheet": "Data"}, "--sheet"),
        ("e.xlsx", {"encoding": "utf-8"}, "--encoding"),
        ("e.csv", {"encoding": "klingon"}, "--encoding"),
        ("e.csv", {"columns": ("Isi",)}, "--map"),
        ("e.csv", {"columns": ("Isi=Teks Laporan",)}, "--map"),
        ("e.csv", {"columns": ("Nomor=id",)}, "--map"),
        ("e.csv", {"columns": ("Isi=text", "a=date", "b=date", "c=date")}, "--map"),
    ],
)
def test_an_option_that_cannot_be_meant_is_named(
    tmp_path: Path, name: str, options: dict[str, Any], field: str
) -> None:
    (tmp_path / name).write_bytes(b"Nomor,Isi\n1,Lampu mati\n")
    with pytest.raises(InputError) as caught:
        ingest(tmp_path / name, tmp_path / "out.jsonl", now=NOW, **{"columns": MAP} | options)
    assert caught.value.field == field


def test_the_output_is_checked_before_anything_is_read(tmp_path: Path) -> None:
    export = tmp_path / "e.jsonl"
    export.write_text('{"id": "1", "text": "Lampu mati"}\n')
    with pytest.raises(InputError, match="is the export itself"):
        ingest(export, export, now=NOW)
    with pytest.raises(InputError, match=r"expected a \.jsonl file"):
        ingest(export, tmp_path / "out.csv", now=NOW)
    with pytest.raises(DataError, match="existing, writable folder"):
        ingest(export, tmp_path / "tiada" / "out.jsonl", now=NOW)
    with pytest.raises(DataError, match="a file that is there"):
        ingest(tmp_path / "tiada.csv", tmp_path / "out.jsonl", now=NOW)


def test_an_interruption_leaves_no_half_file(tmp_path: Path) -> None:
    export = tmp_path / "e.csv"
    export.write_text("Nomor,Isi\n1,Lampu mati\n2,Lampu pecah\n")

    def interrupted(rows: Iterable[Row], size: int | None) -> Iterator[Row]:
        yield next(iter(rows))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest(export, tmp_path / "out.jsonl", now=NOW, columns=MAP, track=interrupted)
    assert list(tmp_path.iterdir()) == [export]


def test_the_command_shows_the_counts_and_writes_a_report(tmp_path: Path) -> None:
    app = typer.Typer()
    mount(app)
    export, out = workbook(tmp_path / "e.xlsx", [HEADER, report(), report(id=None)]), tmp_path / "out.jsonl"
    result = CliRunner().invoke(app, [str(export), "--out", str(out), "--report", str(tmp_path / "hitung.json")])
    assert result.exit_code == 0, result.output
    assert "Tracking ID: is missing" in " ".join(result.stdout.split())
    assert len(rows_of(out)) == 1
    counts = json.loads((tmp_path / "hitung.json").read_text())
    assert (counts["rows"], counts["kept"], counts["dropped"]) == (2, 1, {"Tracking ID: is missing": 1})
