"""One line of JSON an event, and no address or token in any of them.

Whatever is logged, by us or by a library, passes the same formatter; what looks like an e-mail
address or stands where a link's token stands is blacked out there, tracebacks included.
"""

from __future__ import annotations

import logging
import re
from typing import Any

import structlog
from structlog.typing import Processor

ADDRESS = re.compile(r"[\w.+%'-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
TOKEN = re.compile(
    r"(/n/[a-z]+/|/accounts/(?:[a-z-]+/)*key/|/members/(?:invitation/|slip/|answer/)?|/reports/|[?&](?:key|token|code)=)[\w:.-]{8,}"
)
KEY = re.compile(r"(/|%2F)[\w-]{22}(?![\w-])")
"""What `new_key` makes, wherever it stands in an address: of a person, a conversation, a change."""

shared: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def black_out(text: str) -> str:
    """The text without addresses, tokens and keys."""
    return KEY.sub(r"\1…", TOKEN.sub(r"\1…", ADDRESS.sub("…@…", text)))


class LineFormatter(structlog.stdlib.ProcessorFormatter):
    """JSON lines, blacked out as the very last step."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
            foreign_pre_chain=shared,
        )

    def format(self, record: logging.LogRecord) -> str:
        return black_out(super().format(record))


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": LineFormatter}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Django's own handlers would mail error pages, with everything in them.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.server": {"handlers": [], "propagate": True},
    },
}

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *shared,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
