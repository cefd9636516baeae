"""Erases, while the service runs, what was kept long enough, and clears up after every erasure."""

import asyncio
import logging
from datetime import datetime, timedelta

from classifier.errors import StoreError
from data.complaints import JAKARTA
from data.store.erasure import Erasure

DAY = 24 * 3600.0  # seconds
_log = logging.getLogger(__name__)


async def keep(erasure: Erasure, days: int) -> None:
    """Now and once a day erase the texts of reports last answered `days` ago, until cancelled; 0 keeps all."""
    while days:
        await retain(erasure, days)
        await asyncio.sleep(DAY)


async def retain(erasure: Erasure, days: int) -> None:
    """Erase what is older than `days` days, batch by batch; a database that refuses is logged."""
    now = datetime.now(JAKARTA)
    batches, count = erasure.retain(now - timedelta(days=days), now), 0
    try:
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            count += batch
    except StoreError as error:
        _log.error("texts older than %d days can't be erased: %s", days, error)
    if count:
        _log.info("%d reports were last answered more than %d days ago; their texts are erased", count, days)
        await overwrite(erasure)


async def overwrite(erasure: Erasure) -> None:
    """Remove what was erased from the database's file, step by step; a database that refuses is logged."""
    steps = erasure.overwrite()
    try:
        while await asyncio.to_thread(next, steps, False) is None:
            pass
    except StoreError as error:
        _log.error("%s", error)
