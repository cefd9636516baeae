"""Promotions, a rollback and promoting processes that are killed, while a real service answers without a pause."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import toy

from data.complaints import complaint_row
from models import bundle
from models.manifest import Data, TaxonomyVersion
from models.registry import Registry

ROOT = Path(__file__).parents[2]
CALLERS = 3
PAUSE = 0.01  # seconds between two calls of one caller
PATIENCE = 30  # seconds for a swap on a busy machine; it takes about one

DYING = """
import os, signal, sys
real, left = os.fsync, [int(sys.argv[1])]
def dying(descriptor):
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    real(descriptor)
os.fsync = dying
sys.argv = ["pilah", *sys.argv[2:]]
import pilah
pilah.main()
"""


@dataclass
class Load:
    """Callers that ask one complaint after another; `models` are those that answered, `failures` what went wrong."""

    port: int
    secret: str
    models: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Load":
        self.threads = [threading.Thread(target=self._call, args=(number % 2 == 0,)) for number in range(CALLERS)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def wait_for(self, model: str) -> None:
        """Return when the service answers with this model."""
        until, seen = time.monotonic() + PATIENCE, len(self.models)
        while model not in self.models[seen:]:
            assert time.monotonic() < until, f"{model} does not answer; failures: {self.failures[:3]}"
            time.sleep(0.05)

    def _call(self, keep_alive: bool) -> None:
        connection = self._connect()
        while not self.stopped.is_set():
            try:
                self.models.append(self._ask(connection))
            except (OSError, http.client.HTTPException, AssertionError, ValueError) as error:
                self.failures.append(repr(error))
                connection = self._connect()
            if not keep_alive:
                connection.close()
            time.sleep(PAUSE)
        connection.close()

    def _ask(self, connection: http.client.HTTPConnection) -> str:
        body = json.dumps({"complaints": [{"id": "uji", "text": "Lampu jalan di Simpang Misal padam"}]})
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/predictions", body, headers)
        response = connection.getresponse()
        content = response.read().decode()
        assert response.status == 200, content
        return str(json.loads(content)["predictions"][0]["model"])

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def bundles(tmp_path: Path) -> list[Path]:
    """Return three bundles; they answer alike, and their ids differ by the day."""
    return [save(tmp_path / f"model-{day}", day) for day in (23, 24, 25)]


@pytest.fixture
def test_rows(tmp_path: Path) -> Path:
    rows = [replace(one, text=f"{one.text} sekali") for one in toy.complaints()]
    path = tmp_path / "uji.jsonl"
    path.write_text("".join(json.dumps(complaint_row(one)) + "\n" for one in rows), "utf-8")
    return path


@pytest.fixture
def load(home: Path, bundles: list[Path]) -> Iterator[Load]:
    """Start a service on the first bundle and let it be called until the test ends."""
    pilah(home, "models", "promote", bundles[0])
    service = subprocess.Popen(
        [sys.executable, "-m", "pilah", "serve", "--port", "0"],
        cwd=ROOT,
        env=environment(home) | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert service.stdout
        greeting = next(line for line in service.stdout if line.startswith("curl"))
        port, secret = re.search(r":(\d+)/", greeting), re.search(r"Bearer ([^']+)", greeting)
        assert port
        assert secret
        with Load(int(port[1]), secret[1]) as load:
            yield load
    finally:
        service.send_signal(signal.SIGTERM)
        service.communicate(timeout=60)


def save(folder: Path, day: int) -> Path:
    example = toy.complaints()[0]
    bundle.save(
        folder,
        state=toy.fitted().classifier.state(),
        created=datetime(2026, 11, day, tzinfo=UTC),
        data=Data("0f" * 32, len(toy.complaints())),
        taxonomy=TaxonomyVersion("from-data", "1"),
        metrics={},
        settings={"topic_column": "topic", "auto_error": 0.05},
        complaint=example,
        prediction=toy.classifier().classify([example], evidence=False)[0],
    )
    return folder


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"PILAH_HOME": str(home), "PYTHONPATH": str(ROOT)}


def run(home: Path, *words: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *map(str, words)]
    return subprocess.run(command, cwd=ROOT, env=environment(home), capture_output=True, text=True, timeout=120)


def pilah(home: Path, *words: object) -> None:
    done = run(home, "-m", "pilah", *words)
    assert done.returncode == 0, done.stderr


def kill_at(home: Path, step: int, *words: object) -> None:
    """Run a command that is killed when it is about to make its files safe for the `step`-th time."""
    assert run(home, "-c", DYING, step, *words).returncode == -signal.SIGKILL


def test_no_request_fails_whatever_is_promoted_or_killed(
    home: Path, bundles: list[Path], test_rows: Path, load: Load
) -> None:
    registry = Registry(home)
    first, second, third = (bundle.read_manifest(folder).id for folder in bundles)
    load.wait_for(first)

    pilah(home, "models", "promote", bundles[1], "--test", test_rows)
    load.wait_for(second)
    pilah(home, "models", "rollback")
    load.wait_for(first)

    for step in (1, 3):  # in the middle of the copy, and before it takes its place
        kill_at(home, step, "models", "promote", bundles[2])
        assert [manifest.id for manifest in registry.list()] == [second, first]
        sound(registry, first)
    registry.publish(bundles[2])
    for step in (0, 1, 2, 3):  # drafts of history and active id, history replaced, active id replaced
        kill_at(home, step, "models", "promote", third)
        sound(registry, first, third)
    load.wait_for(third)
    assert registry.active() == third

    pilah(home, "models", "rollback")
    load.wait_for(first)
    assert load.failures == []
    assert set(load.models) == {first, second, third}


def sound(registry: Registry, *ids: str) -> None:
    """Assert that one of these is active and that everything in the registry can be trusted."""
    assert registry.active() in ids
    assert registry.history()
    assert registry.frozen()
    assert registry.broken() == ()
    for manifest in registry.list():
        bundle.verify(registry.path(manifest.id))
