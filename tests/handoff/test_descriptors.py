"""As many chats may be open as the system allows, and not as it gives to a program that does not ask."""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest

from handoff.operations import descriptors


@pytest.fixture(autouse=True)
def few() -> Iterator[int]:
    """A system that gives few, and would give more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_what_the_system_allows_is_taken(few: int) -> None:
    allowed = descriptors.WANTED if few == resource.RLIM_INFINITY else min(few, descriptors.WANTED)
    assert descriptors.raise_limit() == allowed
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (allowed, few)


def test_who_has_enough_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptors, "WANTED", 256)
    assert descriptors.raise_limit() == 512
