"""Completes the OpenAPI document: bodies that are read by hand, problem documents, examples."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from service.correction_schemas import CorrectionIn
from service.errors import INTERNAL, KINDS, MEDIA_TYPE
from service.schemas import PredictionsIn, Problem

_REF = "#/components/schemas/{model}"
_TITLES = {kind.status: kind.title for kind in (*KINDS.values(), INTERNAL)}

DESCRIPTION = """\
Reads a citizen's complaint in Indonesian and says what it is about (topic), who must answer it (agency), how sure it
is, and why. Every error is a problem document (RFC 9457) that names the field and what was expected, and never repeats
the citizen's text. Send `X-Request-ID` (letters, digits, `.`, `_`, `-`; at most 64) to find a call again in the log.
"""

TAGS = [
    {"name": "predictions", "description": "Sort complaints."},
    {"name": "reports", "description": "Erase what a citizen wrote."},
    {"name": "corrections", "description": "What people decide: the queue, corrections, a report's history."},
    {"name": "labels", "description": "The topics and agencies that the model answers, and bodies of the reference."},
    {"name": "places", "description": "The places of Indonesia."},
    {"name": "models", "description": "The model that answers and the published ones."},
    {"name": "operation", "description": "For whoever runs the service."},
]

EXAMPLES: dict[str, dict[str, Any]] = {
    "prediction": {
        "satu laporan": {
            "value": {
                "complaints": [
                    {
                        "id": "L-0001",
                        "text": "Lampu jalan di depan balai warga mati sejak tiga malam, mohon segera diperbaiki.",
                        "region": "Kota Surabaya, Kec. Gubeng, Kel. Airlangga",
                        "date": "2026-01-31T08:15:00+07:00",
                        "channel": "aplikasi",
                        "visibility": "anonim",
                    }
                ]
            }
        },
        "beberapa laporan, tanpa bukti": {
            "value": {
                "complaints": [
                    {"id": "L-0002", "text": "Sudah seminggu air keran di blok kami keruh dan berbau karat."},
                    {"id": "L-0003", "title": "Tanya jadwal", "text": "Kapan pendaftaran sekolah dasar dibuka?"},
                ],
                "evidence": False,
            }
        },
    },
    "correction": {
        "petugas membetulkan": {
            "value": {
                "report": 17,
                "topic": "pekerjaan-umum-dan-penataan-ruang/penerangan-jalan",
                "agency": "dinas-perhubungan@3578",
                "reason": "Lampu jalan umum, bukan sambungan rumah.",
                "seen": 0,
            }
        },
        "petugas membenarkan": {"value": {"report": 17, "verdict": "confirmed", "seen": 0}},
        "petugas ragu": {"value": {"report": 17, "verdict": "unsure"}},
        "instansi mengembalikan": {"value": {"id": "L-0001", "source": "agency-return", "verdict": "returned"}},
        "disposisi akhir": {
            "value": {"id": "L-0001", "source": "final-disposition", "agency": "dinas-perhubungan@3578"}
        },
        "batal": {"value": {"report": 17, "withdraws": 4}},
    },
}


def request_body(model: type[BaseModel], examples: str) -> dict[str, Any]:
    """Describe a JSON body that a route reads by hand."""
    content = {"schema": {"$ref": _REF.format(model=model.__name__)}, "examples": EXAMPLES[examples]}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the errors that a route may answer."""
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}
    return {status: {"description": _TITLES[status], "content": content} for status in (*statuses, 500)}


def complete(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, tags=app.openapi_tags, routes=app.routes
        )
        inputs: list[tuple[type[BaseModel], Any]] = [
            (PredictionsIn, "validation"),
            (CorrectionIn, "validation"),
            (Problem, "serialization"),
        ]
        _, definitions = models_json_schema(inputs, ref_template=_REF)
        document["components"]["schemas"] |= definitions["$defs"]
        app.openapi_schema = document
    return app.openapi_schema
