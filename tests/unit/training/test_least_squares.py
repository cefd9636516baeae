"""The solver against plain numpy on dense data: the normal equations, and models refitted without one row."""

import numpy as np
import pytest
from scipy import sparse

from training import least_squares
from training.design import Design, Wanted, wanted
from training.least_squares import BIAS, Solution, scores_without_group, solve, unseen_rows

Matrix = np.ndarray
ROWS, WIDTH, PENALTY = 40, 12, 0.7
DENSE_FROM = 9
COUNTS = (3, 4)


@pytest.fixture
def rows() -> Matrix:
    rng = np.random.default_rng(1)
    return (rng.random((ROWS, WIDTH)) * (rng.random((ROWS, WIDTH)) < 0.4)).astype(np.float32)


@pytest.fixture
def classes() -> list[Matrix]:
    rng = np.random.default_rng(2)
    return [rng.integers(0, count, ROWS).astype(np.int32) for count in COUNTS]


@pytest.fixture(params=["equal", "by age"])
def weights(request: pytest.FixtureRequest) -> Matrix:
    by_age = np.linspace(0.2, 1.8, ROWS, dtype=np.float32)
    return np.ones(ROWS, np.float32) if request.param == "equal" else by_age


def by_hand(rows: Matrix, known: Matrix, count: int, weights: Matrix) -> Matrix:
    """Solve the weighted normal equations of the labelled rows; the last row holds the constant's weights."""
    use = known >= 0
    design = np.hstack([rows, np.full((len(rows), 1), np.sqrt(BIAS))])[use].astype(np.float64)
    weighted = design * weights[use, None]
    wanted = np.eye(count)[known[use]]
    return np.linalg.solve(weighted.T @ design + PENALTY * np.eye(design.shape[1]), weighted.T @ wanted)


def scores_by_hand(rows: Matrix, solution: Matrix) -> Matrix:
    return rows @ solution[:-1] + np.sqrt(BIAS) * solution[-1]


def design(rows: Matrix) -> Design:
    """Take the last columns as the dense ones."""
    return Design(sparse.csr_array(rows[:, :DENSE_FROM]), np.ascontiguousarray(rows[:, DENSE_FROM:]))


def solved(rows: Matrix, classes: list[Matrix], weights: Matrix) -> Solution:
    targets = [wanted(known, count) for known, count in zip(classes, COUNTS, strict=True)]
    return solve(design(rows), targets, weights, PENALTY)


def without_labels(known: Matrix, share: float) -> Matrix:
    kept = known.copy()
    kept[np.random.default_rng(4).random(len(known)) < share] = -1
    return kept


@pytest.mark.parametrize("missing", [0.0, 0.15, 0.6])
def test_exact_weights_solve_the_normal_equations(
    rows: Matrix, classes: list[Matrix], weights: Matrix, missing: float
) -> None:
    classes[1] = without_labels(classes[1], missing)
    expected = np.hstack([by_hand(rows, known, count, weights) for known, count in zip(classes, COUNTS, strict=True)])
    found = solved(rows, classes, weights)
    assert found.weights == pytest.approx(expected[:-1], abs=1e-4)
    assert found.bias == pytest.approx(np.sqrt(BIAS) * expected[-1], abs=1e-4)


@pytest.mark.parametrize("missing", [0.0, 0.15, 0.6])
def test_scores_are_those_of_models_that_never_saw_the_row(
    rows: Matrix, classes: list[Matrix], weights: Matrix, missing: float
) -> None:
    classes[1] = without_labels(classes[1], missing)
    found = solved(rows, classes, weights)
    assert unseen_rows(ROWS).all()
    for known, count, scores in zip(classes, COUNTS, np.split(found.scores, [COUNTS[0]], axis=1), strict=True):
        for row in np.flatnonzero(known >= 0):
            others = known.copy()
            others[row] = -1
            refitted = by_hand(rows, others, count, weights)
            assert scores[row] == pytest.approx(scores_by_hand(rows[row], refitted), abs=1e-4)


@pytest.mark.parametrize("missing", [0.15, 0.6])
@pytest.mark.parametrize("exact_rows", [least_squares.EXACT_ROWS, 0])
def test_rows_without_a_label_do_not_influence_that_target(
    rows: Matrix,
    classes: list[Matrix],
    weights: Matrix,
    missing: float,
    exact_rows: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(least_squares, "EXACT_ROWS", exact_rows)
    classes[1] = without_labels(classes[1], missing)
    other = rows.copy()
    other[classes[1] < 0] += 1
    before, after = (solved(each, classes, weights) for each in (rows, other))
    assert after.weights[:, COUNTS[0] :] == pytest.approx(before.weights[:, COUNTS[0] :], abs=3e-3)
    assert np.abs(after.weights - before.weights)[:, : COUNTS[0]].max() > 0.01


@pytest.mark.parametrize("missing", [0.0, 0.15, 0.6])
def test_many_rows_get_the_weights_that_the_exact_solution_has(
    rows: Matrix, classes: list[Matrix], weights: Matrix, missing: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    classes[1] = without_labels(classes[1], missing)
    exact = solved(rows, classes, weights)
    monkeypatch.setattr(least_squares, "EXACT_ROWS", 0)
    found = solved(rows, classes, weights)
    assert found.weights == pytest.approx(exact.weights, abs=5e-3)
    assert found.bias == pytest.approx(exact.bias, abs=5e-3)


def test_of_many_rows_some_are_scored_by_a_model_without_them(
    rows: Matrix, classes: list[Matrix], weights: Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(least_squares, "EXACT_ROWS", 0)
    found, unseen = solved(rows, classes, weights), unseen_rows(ROWS)
    assert unseen.sum() == len(found.scores) == ROWS // least_squares.HELD_OUT
    held = [np.where(unseen, -1, known) for known in classes]
    expected = [
        scores_by_hand(rows, by_hand(rows, known, count, weights)) for known, count in zip(held, COUNTS, strict=True)
    ]
    assert found.scores == pytest.approx(np.hstack(expected)[unseen], abs=5e-3)


def test_of_a_million_rows_only_so_many_are_held_out() -> None:
    assert 0.9 * least_squares.MOST_HELD_OUT < unseen_rows(1_000_000).sum() <= least_squares.MOST_HELD_OUT


def test_the_share_done_grows_to_all(
    rows: Matrix, classes: list[Matrix], weights: Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(least_squares, "EXACT_ROWS", 0)
    targets = [wanted(known, count) for known, count in zip(classes, COUNTS, strict=True)]
    shares: list[float] = []
    solve(design(rows), targets, weights, PENALTY, shares.append)
    assert shares == sorted(shares)
    assert shares[0] < 0.5 < shares[-1] == 1


def test_the_scores_of_the_model_are_near_1_for_the_right_class(
    rows: Matrix, classes: list[Matrix], weights: Matrix
) -> None:
    own = np.hstack([np.eye(3, dtype=np.float32)[classes[0]] * 4, rows])
    found = solved(own, classes, weights)
    scores = (design(own) @ found.weights + found.bias)[:, :3]
    assert (scores.argmax(axis=1) == classes[0]).all()
    assert scores.max(axis=1) == pytest.approx(1, abs=0.2)


def test_a_row_may_have_several_classes(rows: Matrix, classes: list[Matrix], weights: Matrix) -> None:
    """Each column is a problem of its own, so two targets fitted as one give the same weights."""
    first, second = (wanted(known, count) for known, count in zip(classes, COUNTS, strict=True))
    both = Wanted(sparse.hstack([first.classes, second.classes], format="csr"), first.known)
    found = solve(design(rows), [both], weights, PENALTY)
    expected = solved(rows, classes, weights)
    assert found.weights == pytest.approx(expected.weights, abs=1e-5)
    assert found.scores == pytest.approx(expected.scores, abs=1e-5)


def test_the_same_input_twice_gives_the_same_bits(rows: Matrix, classes: list[Matrix], weights: Matrix) -> None:
    first, second = solved(rows, classes, weights), solved(rows, classes, weights)
    assert np.array_equal(first.weights, second.weights)
    assert np.array_equal(first.scores, second.scores)


@pytest.mark.parametrize("exact", [True, False])
def test_a_row_is_scored_by_a_model_without_its_group(
    rows: Matrix, classes: list[Matrix], exact: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the exact size, groups are left out fold by fold: with as many groups as folds, one by one."""
    groups = np.repeat(np.arange(least_squares.FOLDS), ROWS // least_squares.FOLDS).astype(np.int32)
    if exact:
        groups = np.arange(ROWS, dtype=np.int32) // 3
    monkeypatch.setattr(least_squares, "EXACT_ROWS", ROWS if exact else 1)
    known, count = classes[0], COUNTS[0]
    found = scores_without_group(design(rows), wanted(known, count).classes, groups, PENALTY)
    for group in np.unique(groups):
        others = np.where(groups == group, -1, known)
        solution = by_hand(rows, others, count, np.ones(ROWS, np.float32))
        held = groups == group
        np.testing.assert_allclose(found[held], scores_by_hand(rows[held], solution), atol=2e-3)
