import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.errors import BundleError, RegistryError
from models.row_hashes import KEY, SIZE, RowHashes, RowKey, normalised, row_key

ONE, OTHER = RowKey(b"1" * 32), RowKey(b"2" * 32)
TEXT = "Lampu jalan di Simpang Misal padam, hubungi <TELEPON>."
texts = st.lists(st.text(min_size=1), max_size=8)


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    key = row_key(tmp_path / "var")
    assert row_key(tmp_path / "var") == key
    assert (tmp_path / "var" / KEY).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == [KEY]
    assert row_key(tmp_path / "other") != key
    assert key.secret.hex() not in repr(key)


def test_processes_that_make_the_key_side_by_side_have_the_same(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parents[3])!r})\n"
        "from pathlib import Path\nfrom models.row_hashes import row_key\n"
        f"print(row_key(Path({str(tmp_path)!r})).id.hex())"
    )
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert {process.communicate()[0].strip() for process in running} == {row_key(tmp_path).id.hex()}


@pytest.mark.parametrize("content", [b"", b"0f", b"\xff" * 65, b"z" * 64, b"0" * 65])
def test_a_damaged_key_is_said_not_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / KEY).write_bytes(content)
    with pytest.raises(RegistryError, match=r"row-key: is no key; expected 64 hex digits\. Restore it"):
        row_key(tmp_path)
    assert (tmp_path / KEY).read_bytes() == content


def test_a_home_that_is_no_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(RegistryError, match=r"row-key: can't be read or made \(.+\)"):
        row_key(tmp_path / "file")


@pytest.mark.parametrize(
    "copy",
    [TEXT.upper(), TEXT.replace(" ", "\n\t "), TEXT.replace(",", " -"), TEXT.replace("<TELEPON>", "<NIK> 12")],
)
def test_copies_with_other_spacing_case_numbers_and_masks_are_seen(copy: str) -> None:
    assert RowHashes.of([TEXT], ONE).seen([copy, "Lampu taman"], ONE) == [True, False]


def test_a_text_without_letters_is_itself() -> None:
    assert normalised(" 112  <NIK>") == "112 <NIK>"
    assert RowHashes.of(["112"], ONE).seen(["113"], ONE) == [False]


def test_another_key_tells_nothing() -> None:
    hashes = RowHashes.of([TEXT], ONE)
    assert hashes.seen([TEXT], OTHER) is None
    assert hashes.hashes.isdisjoint(RowHashes.of([TEXT], OTHER).hashes)


@given(texts, texts)
def test_all_rows_are_seen_again_and_no_other(trained: list[str], others: list[str]) -> None:
    hashes = RowHashes.of(trained, ONE)
    read = RowHashes.from_bytes(hashes.to_bytes(), "rows.bin")
    assert read == hashes
    assert read.seen(trained, ONE) == [True] * len(trained)
    known = set(map(normalised, trained))
    assert read.seen(others, ONE) == [normalised(text) in known for text in others]


@given(texts)
def test_the_file_does_not_tell_the_order_of_the_rows(trained: list[str]) -> None:
    assert RowHashes.of(trained, ONE).to_bytes() == RowHashes.of(trained[::-1], ONE).to_bytes()


@pytest.mark.parametrize("content", [b"", b"x" * (SIZE - 1), b"x" * (2 * SIZE + 1)])
def test_a_cut_off_file_is_a_bundle_error(content: bytes) -> None:
    with pytest.raises(BundleError, match=r"b/rows\.bin: is no list of row hashes"):
        RowHashes.from_bytes(content, "b/rows.bin")
