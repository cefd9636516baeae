"""What a cell of an export says, without the marks that the export left in it."""

import re
from datetime import date, time
from typing import Any

from classifier.errors import InputError

# Spreadsheets write a control character as _x000D_, web forms a few signs as the entities of PHP's htmlspecialchars and
# a line end as <br />. Nothing else is repaired: the rest is what the citizen wrote.
_ESCAPED_LINE_END = re.compile(r"_x000D_\n?|_x000A_|\r\n?|<br ?/?>\n?")
_CONTROL = re.compile(r"_x00[01][0-9A-F]_|[\x00-\x08\x0b-\x1f\x7f]")
_ENTITY = re.compile(r"&(amp|lt|gt|quot|nbsp|#0?39);")
_SIGNS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "nbsp": " ", "#39": "'", "#039": "'"}


def cell_text(field: str, value: Any) -> str:
    """Return a cell as the text it shows, "" for an empty one; raises InputError for an array or object."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a spreadsheet knows no integers
    if isinstance(value, (str, int, float, date, time)):
        return _repair(str(value)).strip()
    raise InputError(field, f"is of type {type(value).__name__}", "a string or a number")


def cell_line(field: str, value: Any) -> str:
    """Return a cell as one line, runs of space as one."""
    return " ".join(cell_text(field, value).split())


def _repair(text: str) -> str:
    text = _CONTROL.sub(" ", _ESCAPED_LINE_END.sub("\n", text))
    return _ENTITY.sub(lambda entity: _SIGNS[entity[1]], text)
