import json
import logging

from service.observability import JsonFormatter

SECRET = "kata-rahasia-warga"


def format_line(**fields: object) -> str:
    record = logging.LogRecord("pilah.request", logging.INFO, "x.py", 1, "request %s", ("ok",), None)
    record.__dict__.update(fields)
    return JsonFormatter().format(record)


def test_a_line_is_one_json_object() -> None:
    line = format_line(fields={"route": "/v1/topics", "status": 200})
    assert "\n" not in line
    found = json.loads(line)
    assert found.pop("time").endswith("+00:00")
    assert found == {
        "level": "info",
        "logger": "pilah.request",
        "message": "request ok",
        "route": "/v1/topics",
        "status": 200,
    }


def test_an_exception_is_told_without_its_message() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        line = format_line(exc_info=(ValueError, error, error.__traceback__))
    assert SECRET not in line
    assert json.loads(line)["error"] == "ValueError"
    assert "test_observability.py" in json.loads(line)["at"][0]
