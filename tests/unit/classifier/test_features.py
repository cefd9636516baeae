"""Features: a row depends on its own document alone, and its blocks have the lengths that they should."""

import numpy as np
import pytest
import toy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from classifier.features import (
    GRAM_WEIGHT,
    LONGEST,
    REGION_WEIGHT,
    WORD_WEIGHT,
    Document,
    Features,
    gram_buckets,
    read,
    term_counts,
)
from classifier.normalise import Normaliser
from classifier.records import Complaint
from training.vocabulary import learn_vocabulary

normalise = Normaliser(toy.LEXICON)
TRAINING = [read(one, normalise) for one in toy.complaints()]
features = Features(learn_vocabulary(TRAINING))

KNOWN = ["lampu", "jalan", "sampah", "air", "padam", "berlubang", "lampu", "<nik>", "belumpernahada", "a", "7"]
documents = st.builds(
    Document,
    st.lists(st.sampled_from(KNOWN) | st.text("abcdeg", min_size=1, max_size=9), max_size=12),
    st.lists(st.sampled_from(["kota contoh", "kec. uji", "kab. lain"]), max_size=3),
)


def dense(rows: sparse.csr_array) -> np.ndarray:
    return np.asarray(rows.toarray())


def length(block: sparse.csr_array) -> np.ndarray:
    return np.asarray(np.linalg.norm(dense(block), axis=1))


@given(st.lists(documents, min_size=1, max_size=6))
@settings(deadline=None)
def test_a_row_is_the_same_alone_and_in_any_batch(batch: list[Document]) -> None:
    together, backwards = dense(features(batch)), dense(features(batch[::-1]))[::-1]
    alone = np.vstack([dense(features([document])) for document in batch])
    assert np.array_equal(together, alone)
    assert np.array_equal(backwards, alone)


@given(documents)
@settings(deadline=None)
def test_blocks_have_their_length_or_are_empty(document: Document) -> None:
    for block, weight in (
        (features.term_block([document]), WORD_WEIGHT),
        (features.region_block([document]), REGION_WEIGHT),
    ):
        assert length(block)[0] == pytest.approx(np.sqrt(weight) if block.nnz else 0, rel=1e-5)


@given(documents)
@settings(deadline=None)
def test_the_pieces_of_one_word_have_the_block_length_and_those_of_several_about_that(document: Document) -> None:
    block = features.gram_block([document])
    alone = [features.gram_block([Document([word], [])]) for word in document.words]
    assert all(length(one)[0] == pytest.approx(np.sqrt(GRAM_WEIGHT) if one.nnz else 0, rel=1e-5) for one in alone)
    distinct = max(1, len(set(document.words)))
    assert length(block)[0] <= np.sqrt(GRAM_WEIGHT * distinct) + 1e-5


@given(documents)
@settings(deadline=None)
def test_the_shares_of_the_words_add_up_to_the_gram_row(document: Document) -> None:
    words, shares = features.gram_shares(document)
    assert words == list(dict.fromkeys(document.words))
    assert shares.shape[0] == len(words)
    assert dense(shares).sum(axis=0) == pytest.approx(dense(features.gram_block([document]))[0], abs=1e-6)


def test_a_matrix_is_float32_and_as_wide_as_the_vocabulary() -> None:
    rows = features(TRAINING)
    assert rows.shape == (len(TRAINING), features.vocabulary.width)
    assert rows.dtype == np.float32
    blocks = [block(TRAINING).shape[1] for block in (features.term_block, features.gram_block, features.region_block)]
    assert sum(blocks) == rows.shape[1]


@pytest.mark.parametrize("empty", [Document([], []), Document([], ["kab. lain"]), Document(["qqqq"], [])])
def test_documents_without_anything_known_give_empty_rows(empty: Document) -> None:
    rows = features([empty, TRAINING[0], empty])
    assert np.diff(rows.indptr)[[0, 2]].tolist() == [0, 0]
    assert np.isfinite(rows.data).all()


def test_no_documents_give_no_rows() -> None:
    assert features([]).shape == (0, features.vocabulary.width)


def test_an_empty_vocabulary_reads_without_failing() -> None:
    nothing = Features(learn_vocabulary([]))
    assert nothing([Document(["lampu"], ["kota contoh"])]).shape == (1, 0)


def test_words_and_pairs_are_counted() -> None:
    assert term_counts(Document(["air", "keruh", "air", "keruh"], [])) == {
        "air": 2,
        "keruh": 2,
        "air keruh": 2,
        "keruh air": 1,
    }


def test_reading_joins_title_and_text_and_splits_the_region() -> None:
    complaint = Complaint("uji", "Air yg KERUH", title="Tolong", region="Kota Contoh, ,Kec. Uji ")
    assert read(complaint, normalise) == Document(["tolong", "air", "yang", "keruh"], ["kota contoh", "kec. uji"])


def test_spelling_slips_share_pieces_with_the_word() -> None:
    assert len(set(gram_buckets("berlubang")) & set(gram_buckets("berlobang"))) >= 4
    assert not set(gram_buckets("lampu")) & set(gram_buckets("sampah"))


def test_short_words_have_a_piece_too() -> None:
    assert len(gram_buckets("a")) == len(gram_buckets("rt")) == 1


def test_endless_words_are_read_in_part() -> None:
    endless = "".join(map(str, range(100_000)))
    assert len(gram_buckets(endless)) <= LONGEST
