"""The engine alone, with a source of its own, at a pace at which a dead worker is soon missed."""

from config.settings.engine import *  # noqa: F403
from config.settings.engine import LOGGING, RABITA_LEASE_SECONDS

RABITA_CONTENT_SOURCE = RABITA_AUDIENCE_SOURCE = "tests.proof.source"
# Shorter than a lease, as in production: when one ends, the call it was for has ended, too.
RABITA_CALL_SECONDS = RABITA_LEASE_SECONDS - 1
LOGGING["root"]["level"] = "ERROR"
