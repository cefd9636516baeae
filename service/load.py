"""Load test: asks a service on this machine at a fixed rate and says how long the answers took.

python -m service.load --model var/default --rate 100 --requests 6000           starts a service of its own
python -m service.load --url http://127.0.0.1:8000 --key pilah_... --pid 4711    asks one that runs
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import numpy as np
import typer
from rich.console import Console
from rich.progress import Progress

from classifier.errors import InputError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
CONNECTIONS = 64
TIMEOUT = 30.0  # seconds
IDLE = 30.0  # seconds after which a connection is not used again, because the server may just be closing it
TEXTS = (
    "Lampu jalan di depan balai warga mati sejak tiga malam, mohon segera diperbaiki.",
    "Air keran di blok kami sudah seminggu keruh dan berbau karat, padahal tagihan tetap jalan.",
    "Sampah di ujung gang belum diangkut sejak Senin, baunya sampai ke ruang kelas anak-anak.",
    "Mohon info cara pindah domisili kalau kartu keluarga masih ikut orang tua di kabupaten lain, apakah harus datang "
    "sendiri ke kantor atau cukup lewat aplikasi, dan berapa hari kira-kira selesainya?",
    "Jalan berlubang dekat pasar bikin dua pengendara jatuh kemarin sore.",
    "Petugas loket meminta biaya tambahan untuk surat yang katanya gratis. Saya sudah menunggu dari pukul delapan, "
    "nomor antrean dilewati dua kali, dan waktu saya tanya malah disuruh kembali besok. Tolong ditertibkan.",
)


@dataclass(slots=True)
class Outcome:
    """What came back: seconds from when each request was due to its last byte, and how often what failed."""

    seconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    memory: list[int] = field(default_factory=list)  # bytes of the server at the start, middle and end


class Connection:
    """One kept-alive HTTP/1.1 connection."""

    def __init__(self, host: str, port: int, head: str) -> None:
        self._host, self._port, self._head = host, port, head
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._used = time.monotonic()

    async def post(self, body: bytes) -> int:
        """Return the status of the answer, once it has been read to its end."""
        if time.monotonic() > self._used + IDLE:
            self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))
        self._used = time.monotonic()
        return int(head.split(" ", 2)[1])

    def close(self) -> None:
        """Drop the connection; the next call opens another."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def ask(url: str, key: str, *, rate: float, requests: int, pid: int | None) -> Outcome:
    """Send the requests when they are due, however long the earlier ones take."""
    outcome, tasks = Outcome(), set[asyncio.Task[None]]()
    free = _connections(url, key)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("asking", total=requests)
        for number in range(requests):
            due = begun + number / rate
            await asyncio.sleep(due - loop.time())
            tasks.add(task := asyncio.create_task(_one(free, number, due, outcome)))
            task.add_done_callback(tasks.discard)
            if number in (requests // 100, requests // 2):  # not at once: the first requests fill caches
                outcome.memory.append(_memory(pid))
            if number % 100 == 0:
                progress.update(bar, completed=number)
        await asyncio.gather(*tasks)
    outcome.memory.append(_memory(pid))
    while not free.empty():
        free.get_nowait().close()
    return outcome


def _connections(url: str, key: str) -> asyncio.LifoQueue[Connection]:
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        raise InputError("--url", "not a service on this machine", "http://127.0.0.1:PORT")
    port = parts.port or 80
    head = (
        f"POST /v1/predictions HTTP/1.1\r\nHost: {parts.hostname}:{port}\r\n"
        f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
    )
    free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
    for _ in range(CONNECTIONS):
        free.put_nowait(Connection(parts.hostname, port, head))
    return free


async def _one(free: asyncio.LifoQueue[Connection], number: int, due: float, outcome: Outcome) -> None:
    body = json.dumps({"complaints": [{"id": f"beban-{number}", "text": TEXTS[number % len(TEXTS)]}]}).encode()
    connection = await free.get()
    try:
        status = await asyncio.wait_for(connection.post(body), TIMEOUT)
        if status != 200:
            outcome.failures[f"status {status}"] += 1
    except (OSError, EOFError, TimeoutError, ValueError, LookupError) as error:
        outcome.failures[type(error).__name__] += 1
        connection.close()
    finally:
        free.put_nowait(connection)
    outcome.seconds.append(asyncio.get_running_loop().time() - due)


def _memory(pid: int | None) -> int:
    """Return the bytes that a process holds in memory, 0 if it can't be told."""
    status = Path(f"/proc/{pid}/status")
    if pid is None or not status.exists():
        return 0
    lines = status.read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), 0)


def report(outcome: Outcome) -> str:
    """Return the figures as a person reads them."""
    p50, p90, p99, slowest = np.percentile(outcome.seconds, [50, 90, 99, 100]) * 1000
    failed = ", ".join(f"{count} {what}" for what, count in outcome.failures.items()) or "none"
    lines = [
        f"{len(outcome.seconds):,} requests",
        f"p50 {p50:.1f} ms, p90 {p90:.1f} ms, p99 {p99:.1f} ms, max {slowest:.1f} ms",
        f"errors: {failed}",
    ]
    if all(outcome.memory):
        start, middle, end = (size / 2**20 for size in outcome.memory)
        lines.append(f"server memory: {start:.0f} MiB at the start, {middle:.0f} in the middle, {end:.0f} at the end")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Service:
    """Where to ask: `pid` is the process whose memory to watch."""

    url: str
    key: str
    pid: int | None


@contextmanager
def started(model: Path) -> Iterator[Service]:
    """Start a service of its own for a bundle, on a free port with an empty database, and end it afterwards."""
    with tempfile.TemporaryDirectory(prefix="pilah-load-") as home:
        command = [sys.executable, "-m", "pilah", "serve", "--model", str(model.resolve()), "--port", "0"]
        environment = os.environ | {"PILAH_HOME": home, "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(  # noqa: S603 - our own command
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            try:
                yield _greeting(process)
            finally:
                process.send_signal(signal.SIGTERM)


def _greeting(process: subprocess.Popen[str]) -> Service:
    """Read the address and the first key from what a new service prints."""
    printed = ""
    for line in process.stdout or ():
        printed += line
        if line.startswith("curl"):
            address, key = re.search(r"http://[\w.]+:\d+", printed), re.search(r"pilah_[\w-]+", printed)
            if address and key:
                return Service(address[0], key[0], process.pid)
    raise InputError("--model", "no service started with it", "a bundle that `pilah models verify` accepts")


def main(
    model: Annotated[Path | None, typer.Option(help="Start a service with this bundle and ask it.")] = None,
    key: Annotated[str, typer.Option(help="An API key of role router, scientist or admin.")] = "",
    url: Annotated[str, typer.Option(help="The service, on this machine.")] = "http://127.0.0.1:8000",
    rate: Annotated[float, typer.Option(min=0.1, max=10_000, help="Requests a second.")] = 100.0,
    requests: Annotated[int, typer.Option(min=100, max=1_000_000, help="How many in all.")] = 1_000,
    pid: Annotated[int | None, typer.Option(help="The server's process, to watch its memory.")] = None,
) -> None:
    """Ask for single predictions at a fixed rate; exit status 1 if any failed."""
    try:
        if model is None:
            outcome = asyncio.run(ask(url, key, rate=rate, requests=requests, pid=pid))
        else:
            with started(model) as own:
                outcome = asyncio.run(ask(own.url, own.key, rate=rate, requests=requests, pid=own.pid))
    except InputError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{rate:.0f} requests a second: {report(outcome)}")
    raise typer.Exit(1 if outcome.failures else 0)


if __name__ == "__main__":
    typer.run(main)
