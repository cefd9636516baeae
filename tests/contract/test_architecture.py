"""The import direction, and that the packages are ours."""

import subprocess
import sys
from pathlib import Path

import pytest

import classifier
import data
import models
import service
import training


def test_imports_point_one_way(root: Path) -> None:
    linted = subprocess.run([Path(sys.executable).parent / "lint-imports"], cwd=root, capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("package", [classifier, data, models, service, training])
def test_plain_package_names_are_our_own(package: object, root: Path) -> None:
    assert Path(str(package.__file__)).is_relative_to(root)  # type: ignore[attr-defined]


def test_the_service_starts_without_torch_and_training(root: Path) -> None:
    script = (
        "import sys; sys.modules['torch'] = sys.modules['transformers'] = None\n"
        "import service.app, classifier.pipeline\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('training', 'sklearn')]"
    )
    started = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True)
    assert started.returncode == 0, started.stderr


def test_nothing_on_the_serving_path_unpickles(root: Path) -> None:
    sources = [*root.glob("classifier/**/*.py"), *root.glob("models/**/*.py"), *root.glob("service/**/*.py")]
    suspects = ("import pickle", "joblib", "torch.load", "allow_pickle=True", " eval(", " exec(")
    found = [(path.name, word) for path in sources for word in suspects if word in path.read_text("utf-8")]
    assert not found
