"""What both houses' tests use."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.many.reader import PATIENCE_SECONDS


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False) as made:
        yield made
