"""The system check of the two promises."""

from __future__ import annotations

from typing import Any

import pytest

from newsletters import sources
from tests.newsletters import fake_source


def test_sources_that_keep_every_promise_pass() -> None:
    assert sources.check_sources(None) == []


@pytest.mark.parametrize("promise", ["closing", "standing", "looked"])
def test_a_promise_that_is_not_kept_is_named(promise: str, monkeypatch: Any) -> None:
    monkeypatch.delattr(fake_source, promise)

    (found,) = sources.check_sources(None)

    assert f"keeps no promise {promise!r}" in found.msg


def test_a_source_that_is_not_there_is_named(settings: Any) -> None:
    settings.RABITA_CONTENT_SOURCE = "cms.nothing"

    (found,) = sources.check_sources(None)

    assert "RABITA_CONTENT_SOURCE = 'cms.nothing' cannot be imported" in found.msg
