import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.errors import DataError, InputError
from classifier.records import Answer, Complaint, Decision, Label, Prediction
from data.complaints import JAKARTA
from service import batch
from service.batch import Summary, batches, dated, predict_file, predict_stream
from service.partial import partial_path

TODAY = date(2026, 11, 25)
BROKEN = DataError("masuk.jsonl", "is empty", "what the citizen wrote", row=6, column="text")


class Echo:
    """Says the year of each complaint, and routes those whose id is even."""

    def __init__(self, model: str = "20261125-00000001") -> None:
        self.id = model
        self.asked: list[str] = []

    def classify(self, complaints: Sequence[Complaint], *, evidence: bool = True) -> list[Prediction]:
        self.asked += [one.id for one in complaints]
        return [self._answer(one) for one in complaints]

    def _answer(self, complaint: Complaint) -> Prediction:
        topic = Answer(Label(str(complaint.date), "Hari"), 0.5)
        action: Any = "review" if int(complaint.id) % 2 else "route"
        return Prediction(complaint.id, self.id, (topic,), (), None, Decision(action, action, "review", ()))


def rows(count: int, text: str = "Pipa di Jalan Contoh bocor — sudah lama") -> list[Complaint]:
    return [Complaint(str(number), text) for number in range(count)]


def cut(complaints: Iterable[Complaint], error: BaseException) -> Iterator[Complaint]:
    yield from complaints
    raise error


def ids(output: Path) -> list[str]:
    return [json.loads(line)["id"] for line in output.read_text("utf-8").splitlines()]


Run = Callable[..., Summary]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "ROWS", 4)
    monkeypatch.setattr(batch, "CHARACTERS", 1_000)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "jawaban.jsonl"


@pytest.fixture
def run(output: Path) -> Run:
    """Return a run into `output` of complaints by a classifier, with options."""

    def run(complaints: Iterable[Complaint], classifier: Echo | None = None, **options: Any) -> Summary:
        given: dict[str, Any] = {"evidence": False, "on": None, "today": TODAY, "track": int} | options
        return predict_file(classifier or Echo(), complaints, output, **given)

    return run


@given(st.lists(st.integers(0, 1_500), max_size=30))
def test_batches_keep_every_complaint_in_order_and_stay_small(lengths: list[int]) -> None:
    complaints = [Complaint(str(number), "a" * length) for number, length in enumerate(lengths)]
    found = list(batches(complaints))
    assert [one for part in found for one in part] == complaints
    assert all(part and sum(len(one.text) for one in part[:-1]) < batch.CHARACTERS for part in found)
    assert all(len(part) <= batch.ROWS for part in found)


def test_a_bad_row_comes_after_the_rows_before_it() -> None:
    found = batches(cut(rows(5), BROKEN))
    assert [len(next(found)), len(next(found))] == [4, 1]
    with pytest.raises(DataError, match="row 6"):
        next(found)


def test_only_complaints_without_a_date_are_dated() -> None:
    known = Complaint("1", "Lampu padam", date=datetime(2025, 3, 1, tzinfo=JAKARTA))
    assert list(dated([known, *rows(1)], TODAY)) == [
        known,
        Complaint("0", rows(1)[0].text, date=datetime(2026, 11, 25, tzinfo=JAKARTA)),
    ]


def test_a_stream_gets_one_line_a_complaint_in_order() -> None:
    out, seen = BytesIO(), list[int]()
    summary = predict_stream(Echo(), rows(9), out, evidence=False, on=TODAY, track=seen.append)
    assert [json.loads(line)["id"] for line in out.getvalue().splitlines()] == [str(number) for number in range(9)]
    assert summary == Summary(rows=9, routed=5)
    assert sum(seen) == 9


def test_a_stream_gets_the_answers_before_a_bad_row() -> None:
    out = BytesIO()
    with pytest.raises(DataError, match="row 6"):
        predict_stream(Echo(), cut(rows(5), BROKEN), out, evidence=False, on=TODAY, track=int)
    assert len(out.getvalue().splitlines()) == 5


def test_a_file_appears_whole_and_nothing_else_stays(run: Run, output: Path) -> None:
    assert run(rows(9)) == Summary(rows=9, routed=5)
    assert ids(output) == [str(number) for number in range(9)]
    assert list(output.parent.iterdir()) == [output]


def test_no_complaint_makes_an_empty_file(run: Run, output: Path) -> None:
    assert run([]) == Summary(0, 0)
    assert output.read_bytes() == b""
    assert list(output.parent.iterdir()) == [output]


@pytest.mark.parametrize("error", [BROKEN, KeyboardInterrupt()])
@pytest.mark.parametrize("at", [4, 5, 8])
def test_a_run_that_was_cut_goes_on_where_it_stopped(run: Run, output: Path, error: BaseException, at: int) -> None:
    run(rows(11))
    whole = output.read_bytes()
    output.unlink()
    with pytest.raises(type(error)):
        run(cut(rows(at), error))
    assert not output.exists()
    second = Echo()
    summary = run(rows(11), second)
    assert output.read_bytes() == whole
    assert summary == Summary(rows=11, routed=6, earlier=11 - len(second.asked))
    assert summary.earlier == (at if error is BROKEN else at // 4 * 4)


def test_what_was_torn_after_the_last_batch_is_written_anew(run: Run, output: Path) -> None:
    with pytest.raises(DataError):
        run(cut(rows(4), BROKEN))
    with partial_path(output).open("ab") as file:
        file.write('{"id": "4", "model": "sé'.encode()[:-1])
    output.with_name(".jawaban.jsonl.partial.json.1.part").touch()  # a kill within the writing of a checkpoint
    run(rows(9))
    assert ids(output) == [str(number) for number in range(9)]
    assert list(output.parent.iterdir()) == [output]


def test_a_run_cut_in_its_first_batch_leaves_nothing(run: Run, output: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(cut(rows(3), KeyboardInterrupt()))
    assert list(output.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"classifier": Echo("20261125-00000002")}, r"model 20261125-00000001 \(now 20261125-00000002\)"),
        ({"evidence": True}, r"--evidence False \(now True\)"),
        ({"on": date(2020, 1, 1)}, r"--on 2026-11-25 \(now 2020-01-01\)"),
        ({"complaints": rows(9, "Teks lain")}, "the 5 rows answered before have changed"),
        ({"complaints": rows(3)}, "the 5 rows answered before have changed"),
    ],
)
def test_other_questions_are_not_mixed_into_one_file(run: Run, output: Path, change: dict[str, Any], told: str) -> None:
    with pytest.raises(DataError):
        run(cut(rows(5), BROKEN))
    kept = partial_path(output).read_bytes()
    with pytest.raises(InputError, match=told) as refused:
        run(**({"complaints": rows(9)} | change))
    assert f"delete {partial_path(output)}" in str(refused.value)
    assert partial_path(output).read_bytes() == kept
    run(rows(9))
    assert len(ids(output)) == 9


def test_a_run_goes_on_with_the_day_on_which_it_began(run: Run, output: Path) -> None:
    with pytest.raises(DataError):
        run(cut(rows(5), BROKEN))
    run(rows(9), today=date(2026, 11, 26))
    days = {json.loads(line)["topic"]["code"] for line in output.read_text("utf-8").splitlines()}
    assert days == {"2026-11-25 00:00:00+07:00"}


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("{}")])
def test_answers_of_unknown_origin_are_not_continued(run: Run, output: Path, spoil: Callable[[Path], object]) -> None:
    with pytest.raises(DataError):
        run(cut(rows(5), BROKEN))
    spoil(output.with_name("jawaban.jsonl.partial.json"))
    with pytest.raises(InputError, match=r"jawaban\.jsonl\.partial is there, but no sound"):
        run(rows(9))
    partial_path(output).unlink()
    output.with_name("jawaban.jsonl.partial.json").unlink(missing_ok=True)
    run(rows(9))
    assert len(ids(output)) == 9


def test_two_runs_at_once_are_refused(run: Run, output: Path) -> None:
    def asks_again() -> Iterator[Complaint]:
        yield from rows(5)
        with pytest.raises(InputError, match="another run is just writing"):
            run(rows(9))

    assert run(asks_again()).rows == 5
    assert len(ids(output)) == 5


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"ada/jawaban\.jsonl: can't be written \(No such file or directory\)"):
        predict_file(
            Echo(), rows(1), tmp_path / "ada" / "jawaban.jsonl", evidence=False, on=None, today=TODAY, track=int
        )
