"""The import direction, and that the packages are ours."""

import ast
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
        "import sys; sys.modules |= dict.fromkeys(('torch', 'transformers', 'onnxruntime', 'tokenizers'))\n"
        "import service.app, classifier.pipeline\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('training', 'sklearn')]"
    )
    started = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True)
    assert started.returncode == 0, started.stderr


OF_ENCODERS = {"torch", "transformers", "onnx", "onnxruntime", "onnxscript", "tokenizers", "huggingface_hub"}
FENCE = "classifier/encoder.py", "training/encoder/"  # of these the first is what the service needs


def test_libraries_of_encoders_stay_behind_their_fence(root: Path) -> None:
    packages = (root / name for name in ("classifier", "data", "models", "service", "training"))
    found = {
        path.relative_to(root).as_posix(): imported & OF_ENCODERS
        for package in packages
        for path in package.rglob("*.py")
        if (imported := _imported(path)) & OF_ENCODERS
    }
    assert not [name for name in found if not name.startswith(FENCE)]
    assert found["classifier/encoder.py"] == {"onnxruntime", "tokenizers"}


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def test_nothing_on_the_serving_path_unpickles(root: Path) -> None:
    sources = [*root.glob("classifier/**/*.py"), *root.glob("models/**/*.py"), *root.glob("service/**/*.py")]
    suspects = ("import pickle", "joblib", "torch.load", "allow_pickle=True", " eval(", " exec(")
    found = [(path.name, word) for path in sources for word in suspects if word in path.read_text("utf-8")]
    assert not found
