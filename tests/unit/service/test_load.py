import asyncio
import contextlib

import pytest

from classifier.errors import InputError
from service.load import Outcome, ask, report


async def serve(status: str, requests: int) -> Outcome:
    """Ask a server that answers every request in the same way."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError), contextlib.closing(writer):
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n{{}}".encode())

    def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(asyncio.create_task(answer(reader, writer)))

    calls: list[asyncio.Task[None]] = []
    server = await asyncio.start_server(connect, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    outcome = await ask(f"http://127.0.0.1:{port}", "pilah_x", rate=2_000, requests=requests, pid=None)
    server.close()
    await asyncio.gather(*calls)
    await server.wait_closed()
    return outcome


def test_every_request_is_timed() -> None:
    outcome = asyncio.run(serve("200 OK", 120))
    assert len(outcome.seconds) == 120
    assert not outcome.failures
    assert "120 requests" in report(outcome)
    assert "errors: none" in report(outcome)


def test_failures_are_counted_by_status() -> None:
    outcome = asyncio.run(serve("503 Service Unavailable", 100))
    assert outcome.failures == {"status 503": 100}
    assert "100 status 503" in report(outcome)


def test_memory_is_told_where_it_is_known() -> None:
    assert "20 in the middle" in report(Outcome([0.001], memory=[10 * 2**20, 20 * 2**20, 30 * 2**20]))


@pytest.mark.parametrize("url", ["http://lapor.example", "http://10.0.0.1:8000", "https://127.0.0.1", "127.0.0.1:80"])
def test_only_this_machine_is_asked(url: str) -> None:
    with pytest.raises(InputError, match="not a service on this machine"):
        asyncio.run(ask(url, "pilah_x", rate=1, requests=1, pid=None))
