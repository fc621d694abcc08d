"""The product as it is shipped, with the benchmark's readers and content."""

from config.settings.base import *  # noqa: F403

RABITA_CONTENT_SOURCE = RABITA_AUDIENCE_SOURCE = "benchmarks.content"
