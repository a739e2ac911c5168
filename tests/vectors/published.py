"""The published vectors, format-v1.json, beside the project: `pytestmark = SHARED` skips tests where they are not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

VECTORS = Path(__file__).resolve().parents[2] / "../shared/vectors/format-v1.json"
SHARED = [
    pytest.mark.shared,
    pytest.mark.skipif(not VECTORS.exists(), reason="the vectors are not beside the project"),
]


def published() -> dict[str, Any]:  # parsed JSON of a known shape, read field by field
    """The whole file."""
    loaded: dict[str, Any] = json.loads(VECTORS.read_text(encoding="utf-8"))
    return loaded
