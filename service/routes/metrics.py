"""GET /metrics."""

from fastapi import FastAPI, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from service.live_model import LiveModel
from service.observability import Metrics


def mount(app: FastAPI, live: LiveModel, metrics: Metrics) -> None:
    """Add the route."""

    @app.get("/metrics", tags=["operation"], summary="Counters for Prometheus", response_class=PlainTextResponse)
    async def read_metrics() -> Response:
        """Return the counters in Prometheus' text format. No key."""
        text = metrics.text(live.current.manifest.id, live.failures)
        return Response(text, media_type=CONTENT_TYPE_LATEST)
