"""A document as it is committed."""

import json
from collections.abc import Mapping
from typing import Any


def written(document: Mapping[str, Any]) -> str:
    """The same text on every machine, so that git shows only what changed."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
