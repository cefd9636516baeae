"""The import direction, and that the packages are ours."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

import classifier
import data
import models
import service
import training


def test_imports_point_one_way() -> None:
    linted = subprocess.run([Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("package", [classifier, data, models, service, training])
def test_plain_package_names_are_our_own(package: object) -> None:
    assert Path(str(package.__file__)).is_relative_to(ROOT)  # type: ignore[attr-defined]


def test_the_service_starts_without_torch_and_training() -> None:
    script = (
        "import sys; sys.modules['torch'] = sys.modules['transformers'] = None\n"
        "import service.app, classifier.pipeline\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('training', 'sklearn')]"
    )
    started = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert started.returncode == 0, started.stderr


def test_nothing_on_the_serving_path_unpickles() -> None:
    sources = [*ROOT.glob("classifier/**/*.py"), *ROOT.glob("models/**/*.py"), *ROOT.glob("service/**/*.py")]
    suspects = ("import pickle", "joblib", "torch.load", "allow_pickle=True", " eval(", " exec(")
    found = [(path.name, word) for path in sources for word in suspects if word in path.read_text("utf-8")]
    assert not found
