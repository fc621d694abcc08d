"""What every test gets without asking."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def mail_stays_here(settings: Any) -> None:
    """Django's test set-up puts its own mail back-end in; Anymail's keeps what Anymail adds."""
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
