"""One retraining at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from classifier.errors import RegistryError
from training.retrain_lock import LOCK, alone

HOLD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from training.retrain_lock import alone
with alone(Path(sys.argv[2])) as other:
    print(repr(other), flush=True)
    sys.stdin.read()
"""


def test_a_second_one_is_told_who_retrains(home: Path) -> None:
    with alone(home) as first, alone(home) as second:
        assert first == ""
        assert second.startswith("process ")
    with alone(home) as third:
        assert third == ""


def test_the_lock_goes_with_the_process_that_had_it(home: Path, root: Path) -> None:
    words = [sys.executable, "-c", HOLD, str(root), str(home)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "''\n"
        with alone(home) as other:
            assert other.startswith(f"process {holder.pid}, since ")
        holder.kill()
        holder.wait()
        with alone(home) as other:
            assert other == ""


def test_a_home_that_can_not_be_made_is_named(home: Path) -> None:
    home.write_text("in the way")
    with pytest.raises(RegistryError, match=LOCK), alone(home):
        pass
