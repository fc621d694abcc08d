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


def _rival(name: str, module: str, *from_pypi: str) -> Contender:
    command, settings = (f"benchmarks.rivals.{module}",), "benchmarks.rivals.settings"
    apps = " ".join(from_pypi) or "benchmarks.rivals"
    return Contender(name, command, settings, apps, from_pypi=bool(from_pypi))


RAW = Contender("raw loop", ("benchmarks.lean.raw",))
LEAN = Contender("L, the lean bound", ("benchmarks.lean.bound",))
ENGINES = _engine(1), _engine(2), _engine(4)
SMTP_ENGINES = _engine(1, 4), _engine(2, 2), _engine(4, 1)
PLAIN = _rival("plain good practice", "plain")
NAIVE = _rival("naive Celery, 2 workers", "naive")
NEWSLETTER = _rival(
    f"django-newsletter {version('django-newsletter')}", "newsletter", "newsletter",
    "sorl.thumbnail", *(f"django.contrib.{app}" for app in ("auth", "contenttypes", "sites")),
)  # fmt: skip
POST_OFFICE = _rival(
    f"django-post-office {version('django-post-office')}", "post_office", "post_office",
    "django.contrib.contenttypes",
)  # fmt: skip
OTHERS = PLAIN, NAIVE, NEWSLETTER, POST_OFFICE

WRITTEN, DIGEST = Course("written"), Course("digest")
SLOW_SINK, BY_SMTP = Course("written", answer_ms=200), Course("written", door="smtp")

PROGRAMME: dict[str, tuple[Course, tuple[Contender, ...]]] = {
    "written": (WRITTEN, (RAW, LEAN, *ENGINES, *OTHERS)),
    "digest": (DIGEST, (LEAN, *ENGINES, PLAIN)),
    "slow-sink": (SLOW_SINK, (LEAN, *ENGINES)),
    "smtp": (BY_SMTP, (RAW, *SMTP_ENGINES, *OTHERS)),
}
