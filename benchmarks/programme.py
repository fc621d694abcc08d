"""Who takes part in which course."""

from __future__ import annotations

from benchmarks.pypi import version
from benchmarks.race import Contender, Course


def _engine(workers: int, connections: int = 0) -> Contender:
    name = f"Rabita, {workers} worker{'s' if workers > 1 else ''}"
    return Contender(
        f"{name} × {connections} connections" if connections else name,
        ("benchmarks.engine", str(workers)),
        settings="benchmarks.settings",
        connections=connections or 4,
    )


def _from_pypi(package: str, module: str, apps: str) -> Contender:
    name, command = f"{package} {version(package)}", (f"benchmarks.rivals.{module}",)
    return Contender(name, command, apps=apps, from_pypi=True)


RAW = Contender("raw loop", ("benchmarks.lean.raw",))
LEAN = Contender("L, the lean bound", ("benchmarks.lean.bound",))
ENGINES = _engine(1), _engine(2), _engine(4)
SMTP_ENGINES = _engine(1, 4), _engine(2, 2), _engine(4, 1)
PLAIN = Contender("plain good practice", ("benchmarks.rivals.plain",), apps="benchmarks.rivals")
NAIVE = Contender("naive Celery, 2 workers", ("benchmarks.rivals.naive",), apps="benchmarks.rivals")
NEWSLETTER = _from_pypi(
    "django-newsletter", "newsletter", "newsletter sorl.thumbnail django.contrib.auth "
    "django.contrib.sites django.contrib.contenttypes",
)  # fmt: skip
POST_OFFICE = _from_pypi(
    "django-post-office", "post_office", "post_office django.contrib.contenttypes"
)
OTHERS = PLAIN, NAIVE, NEWSLETTER, POST_OFFICE

WRITTEN, DIGEST = Course("written"), Course("digest")
SLOW_SINK, BY_SMTP = Course("written", answer_ms=200), Course("written", door="smtp")

PROGRAMME: dict[str, tuple[Course, tuple[Contender, ...]]] = {
    "written": (WRITTEN, (RAW, LEAN, *ENGINES, *OTHERS)),
    "digest": (DIGEST, (LEAN, *ENGINES, PLAIN)),
    "slow-sink": (SLOW_SINK, (LEAN, *ENGINES)),
    "smtp": (BY_SMTP, (RAW, *SMTP_ENGINES, *OTHERS)),
}
