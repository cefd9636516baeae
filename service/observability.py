"""What the service says about itself: one JSON log line and a few counters a request, never a citizen's text."""

import json
import logging
import os
import re
import sys
import time
import traceback
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classifier.records import Prediction
from data.store.standing import Correction
from service.errors import INTERNAL, document

BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # seconds
TENTHS = tuple(step / 10 for step in range(1, 11))  # of a share or a probability
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
WORKERS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own name; set where several workers serve

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_log = logging.getLogger("pilah.request")


class JsonFormatter(logging.Formatter):
    """One JSON object a line; of an exception only its type and place, because its message may quote a text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for a record; `extra={"fields": {...}}` adds fields."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1]:
            line |= _failure(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def configure_logging() -> None:
    """Send every log line of the process to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


class Metrics:
    """The counters of one process, as Prometheus reads them."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        labels = ("route", "method")
        self._requests = Counter("pilah_requests", "Requests answered.", (*labels, "status"), registry=self._registry)
        self._seconds = Histogram(
            "pilah_request_seconds", "Time to the last byte.", labels, buckets=BUCKETS, registry=self._registry
        )
        self._predictions = Counter(
            "pilah_predictions", "Predictions by what may be done.", ("target", "action"), registry=self._registry
        )
        self._unknown = Histogram(
            "pilah_unknown_words",
            "Share of a report's words that the model does not know.",
            buckets=TENTHS,
            registry=self._registry,
        )
        self._confidence = Histogram(
            "pilah_confidence", "Probability of the best answer.", ("target",), buckets=TENTHS, registry=self._registry
        )
        self._corrections = Counter(
            "pilah_corrections", "What people said of reports.", ("source", "verdict"), registry=self._registry
        )
        self._topics = Counter("pilah_topics", "Best answers by main topic.", ("main",), registry=self._registry)
        self._model = Gauge(
            "pilah_model_info",
            "1 for the model that answers.",
            ("model",),
            registry=self._registry,
            multiprocess_mode="livemostrecent",
        )
        self._failures = Gauge(
            "pilah_model_load_failures",
            "Loads of a newer model that failed since the start.",
            registry=self._registry,
            multiprocess_mode="livemax",
        )
        self._models: set[str] = set()

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, method, status).inc()
        self._seconds.labels(route, method).observe(seconds)

    def predictions(self, answers: Iterable[Mapping[str, Any]]) -> None:
        """Count the decisions of a call."""
        for answer in answers:
            for target in ("action", "topic", "agency"):
                name = "complaint" if target == "action" else target
                self._predictions.labels(name, answer["decision"][target]).inc()

    def watch(self, predictions: Iterable[Prediction]) -> None:
        """Count what tells whether reports still are like those that the model learnt from."""
        for one in predictions:
            self._unknown.observe(one.unknown)
            for target, answers in (("topic", one.topic), ("agency", one.agency)):
                if answers:
                    self._confidence.labels(target).observe(answers[0].probability)
            if one.topic:
                self._topics.labels(one.topic[0].label.group or one.topic[0].label.code).inc()

    def correction(self, made: Correction) -> None:
        """Count what somebody said: "confirmed" ones agree with the model."""
        self._corrections.labels(made.source, made.verdict).inc()

    def text(self, model: str, failures: int) -> bytes:
        """Return the exposition format; of all workers together where several serve."""
        self._models.add(model)
        for known in self._models:
            self._model.labels(known).set(known == model)
        self._failures.set(failures)
        registry = self._registry
        if WORKERS_FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


class Observe:
    """Middleware round every request: its id, its log line, its counters, and the answer if the code fails."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request through the app inside."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status, request_id = time.perf_counter(), 0, _request_id(scope)

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        failure: dict[str, Any] = {}
        try:
            await self._app(scope, receive, answer)
        except Exception as error:  # nothing that one request does may end the service
            failure = _failure(error)
            if not status:
                await document(INTERNAL, "The failure was logged under the X-Request-ID.")(scope, receive, answer)
        finally:
            self._note(scope, status, time.perf_counter() - begun, request_id, failure)

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str, failure: dict[str, Any]) -> None:
        route = getattr(scope.get("route"), "path", "(none)")
        method = scope["method"] if scope["method"] in METHODS else "(other)"
        self._metrics.request(route, method, status, seconds)
        fields = {
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 2),
            "request_id": request_id,
            "key_id": scope.get("state", {}).get("key_id"),
        }
        _log.log(logging.ERROR if failure else logging.INFO, "request", extra={"fields": fields | failure})


def _request_id(scope: Scope) -> str:
    sent = Headers(scope=scope).get("x-request-id", "")
    return sent if _REQUEST_ID.fullmatch(sent) else uuid4().hex


def _failure(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    return {"error": type(error).__name__, "at": [f"{frame.filename}:{frame.lineno}" for frame in frames]}
