"""Dates as exports and spreadsheets write them, with Indonesian or English month names."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from data.complaints import JAKARTA

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january",
            "feb peb februari pebruari february",
            "mar maret march",
            "apr april",
            "mei may",
            "jun juni june",
            "jul juli july",
            "agu agt ags agustus aug august",
            "sep sept september",
            "okt oktober oct october",
            "nov nop november nopember",
            "des desember dec december",
        ),
        1,
    )
    for name in names.split()
}
_NAMED_MONTH = re.compile(r"(\d{1,2})[\s./-]+([^\W\d_]+)[\s./-]+(\d{4})(?:[\s,]+(.+))?")
_NUMBERED_MONTH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[\s,]+(.+))?")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?(?:\s*WIB)?", re.IGNORECASE)


def parse_export_date(day: Any, clock: Any = None) -> datetime | None:
    """Return the moment that a date cell, with a cell for the time of day beside it if there is one, stands for.

    Reads date cells, ISO 8601, "18 Jan 2024", "18 Agustus 2024 13:09" and "18/01/2024" (day first, as Indonesia
    writes); without an offset it is Jakarta's time. None for an empty cell; raises ValueError for anything else.
    """
    when = _moment(day)
    if when is None:
        return None
    if (spent := _clock(clock)) is not None:
        when = datetime.combine(when.date(), spent, when.tzinfo)
    return when if when.tzinfo else when.replace(tzinfo=JAKARTA)


def _moment(day: Any) -> datetime | None:
    if isinstance(day, datetime):
        return day
    if isinstance(day, date):
        return datetime.combine(day, time())
    if day is None:
        return None
    if not isinstance(day, str):
        raise ValueError("a date cell holds a number")
    text = day.strip()
    return _written(text) if text else None


def _written(text: str) -> datetime:
    if match := _NAMED_MONTH.fullmatch(text):
        month = _MONTHS.get(match[2].casefold(), 0)  # 0 is refused below like any other month that isn't one
    elif match := _NUMBERED_MONTH.fullmatch(text):
        month = int(match[2])
    else:
        return datetime.fromisoformat(text)
    return datetime.combine(date(int(match[3]), month, int(match[1])), _clock(match[4]) or time())


def _clock(value: Any) -> time | None:
    if isinstance(value, timedelta):  # Excel's elapsed time
        return (datetime.min + value).time()
    if isinstance(value, datetime):
        return value.time()
    if isinstance(value, time):
        return value
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    match = _CLOCK.fullmatch(str(value).strip())
    if match is None:
        raise ValueError("a time cell holds no time of day")
    return time(int(match[1]), int(match[2]), int(match[3] or 0))
