"""Sessions of the page, on both kinds of database."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from data.store.database import Store
from data.store.keys import Keys, Scope
from data.store.sessions import LASTS, Sessions
from data.store.tables import sessions

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with closing(Store.open(database_url)) as opened:
        yield opened


def test_a_session_lasts_a_working_day_and_knows_its_key(store: Store) -> None:
    key, _ = Keys(store).create("Rina", "reviewer", NOW, Scope("dinas-perhubungan@3578", "35", True))
    token = Sessions(store).begin(key.id, NOW)
    found = Sessions(store).find(token, NOW + LASTS / 2)
    assert found is not None
    assert (found.key, found.expires) == (key, NOW + LASTS)
    assert Sessions(store).find(token, NOW + LASTS) is None
    assert Sessions(store).find(token + "x", NOW) is None
    assert Sessions(store).find("\udc80", NOW) is None


def test_each_session_has_a_token_and_a_form_token_of_its_own(store: Store) -> None:
    key, _ = Keys(store).create("Rina", "reviewer", NOW)
    tokens = [Sessions(store).begin(key.id, NOW) for _ in range(2)]
    found = [Sessions(store).find(token, NOW) for token in tokens]
    assert len({*tokens, *(one.csrf for one in found if one)}) == 4


def test_it_ends_when_its_reviewer_leaves_or_the_key_is_revoked(store: Store) -> None:
    key, _ = Keys(store).create("Rina", "reviewer", NOW)
    left, kept = (Sessions(store).begin(key.id, NOW) for _ in range(2))
    Sessions(store).end(left)
    Sessions(store).end("unknown")
    assert Sessions(store).find(left, NOW) is None
    assert Sessions(store).find(kept, NOW) is not None
    Keys(store).revoke(key.id, NOW)
    assert Sessions(store).find(kept, NOW) is None


def test_expired_sessions_are_swept_away_by_the_next_one(store: Store) -> None:
    key, _ = Keys(store).create("Rina", "reviewer", NOW)
    for at in (NOW, NOW + LASTS):
        Sessions(store).begin(key.id, at)
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(sessions)) == 1
