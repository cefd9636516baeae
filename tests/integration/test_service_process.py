"""The service as a process of its own: what only a real server, disk and signal show."""

import http.client
import json
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import service_fake

from data.store.keys import Keys

TEXT = "Lampu di Jalan Contoh padam, hubungi 0812-0000-1111."
PATH = "/v1/predictions"
ROOT = Path(__file__).parents[2]


@dataclass
class Process:
    """A running service."""

    popen: "subprocess.Popen[str]"
    port: int
    secret: str
    database: Path

    def ask(self, body: Any = None, *, method: str = "POST", path: str = PATH, **headers: str) -> Any:
        """Return status, headers and body; a body that is no bytes and no iterator is sent as JSON."""
        sent = body if isinstance(body, bytes) or hasattr(body, "__next__") else json.dumps(body).encode()
        head = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, sent, head, encode_chunked=hasattr(body, "__next__"))
        response = connection.getresponse()
        content = response.read().decode()
        connection.close()
        return response.status, response.headers, content

    def predict(self, complaint_id: str = "a") -> Any:
        return self.ask({"complaints": [{"id": complaint_id, "text": TEXT}]})

    def stop(self) -> str:
        """End the service and return its log."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.communicate(timeout=20)[1]


Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Process] = []

    def start(workers: int = 1, **options: Any) -> Process:
        database = tmp_path / "pilah.db"
        popen = subprocess.Popen(
            [sys.executable, service_fake.__file__, str(tmp_path), f"sqlite:///{database}", str(workers)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            **options,
        )
        assert popen.stdout is not None
        address, secret = popen.stdout.readline().split()
        started.append(Process(popen, int(address.rsplit(":", 1)[1]), secret, database))
        return started[-1]

    yield start
    for process in started:
        process.popen.send_signal(signal.SIGTERM)
        process.popen.communicate(timeout=60)


def pieces(number: int) -> Iterator[bytes]:
    for _ in range(number):
        yield b" " * 2**20


def test_a_body_of_no_stated_length_is_refused_while_it_is_read(start: Start) -> None:
    service = start()
    status, headers, body = service.ask(pieces(18))
    assert (status, headers["Content-Type"]) == (413, "application/problem+json")
    assert "16,777,216 bytes" in body
    assert service.predict()[0] == 200


def test_a_stated_length_over_the_limit_is_refused_unread(start: Start) -> None:
    service = start()
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as sent:
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.secret}\r\n"
        sent.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n".encode())
        assert sent.recv(1_000).startswith(b"HTTP/1.1 413")
    assert service.predict()[0] == 200


def test_without_a_key_nothing_is_read(start: Start) -> None:
    service = start()
    status, headers, _ = service.ask(b" " * 2**20, Authorization="")
    assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")


def test_the_log_has_a_line_a_request_and_never_a_text(start: Start) -> None:
    service = start()
    assert service.predict()[1]["X-Request-ID"]
    answer = service.ask(method="GET", path="/v1/topics?q=Contoh", X_Request_ID="panggilan-7")
    assert answer[1]["X-Request-ID"] == "panggilan-7"
    assert service.ask(method="GET", path="/healthz", X_Request_ID="{bad id}")[1]["X-Request-ID"] != "{bad id}"
    assert service.ask({"complaints": [{"id": "a", "text": service_fake.BROKEN + TEXT}]})[0] == 500
    log = service.stop()
    lines = [json.loads(line) for line in log.splitlines()]
    requests = [line for line in lines if line["logger"] == "pilah.request"]
    assert [(line["method"], line["route"], line["status"], line["key_id"]) for line in requests] == [
        ("POST", PATH, 200, 1),
        ("GET", "/v1/topics", 200, 1),
        ("GET", "/healthz", 200, None),
        ("POST", PATH, 500, 1),
    ]
    assert requests[1]["request_id"] == "panggilan-7"
    assert requests[3]["error"] == "ValueError"
    assert "Contoh" not in log
    assert service.secret not in log


def test_a_locked_database_is_told_and_passes(start: Start) -> None:
    service = start()
    assert service.predict()[0] == 200
    other = sqlite3.connect(service.database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    status, headers, body = service.predict("b")
    assert (status, headers["Retry-After"]) == (503, "1")
    assert "locked" in body
    other.execute("ROLLBACK")
    other.close()
    assert service.predict("c")[0] == 200


def test_a_full_disk_is_told_and_the_service_lives(start: Start) -> None:
    service = start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000)))
    answers = [service.predict(str(number)) for number in range(200)]
    status, _, body = next(answer for answer in answers if answer[0] != 200)
    assert status == 507, body
    assert "disk" in body
    assert service.ask(method="GET", path="/healthz")[0] == 200


def test_a_revoked_key_stops_within_five_seconds(start: Start) -> None:
    service = start()
    assert service.predict()[0] == 200
    other = service_fake.Store.open(f"sqlite:///{service.database}")
    Keys(other).revoke(1, service_fake.datetime.now(service_fake.UTC))
    other.close()
    until = time.monotonic() + 5
    while service.predict()[0] != 401:
        assert time.monotonic() < until
        time.sleep(0.2)


def test_sigterm_lets_a_call_under_way_end(start: Start) -> None:
    service = start()
    body = json.dumps({"complaints": [{"id": "a", "text": TEXT}]}).encode()
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.secret}\r\n"
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as sent:
        sent.sendall(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        assert service.predict("b")[0] == 200  # by now the other call has begun
        service.popen.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        sent.sendall(body)
        assert sent.recv(1_000).startswith(b"HTTP/1.1 200")
    service.popen.communicate(timeout=20)
    assert service.popen.returncode in (0, -signal.SIGTERM)


def test_several_workers_answer_and_count_together(start: Start) -> None:
    service = start(workers=2)
    for number in range(20):
        assert service.predict(str(number))[0] == 200
    counted = service.ask(method="GET", path="/metrics")[2]
    assert 'pilah_predictions_total{action="route",target="complaint"} 20.0' in counted
    assert 'pilah_model_info{model="model-a"} 1.0' in counted
    lines = [json.loads(line) for line in service.stop().splitlines()]
    assert sum("Finished server process" in line["message"] for line in lines) == 2
