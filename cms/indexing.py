"""Search and reference index, brought up to date once for all that a command saves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import Model
from django.db.models.signals import post_save
from modelsearch import index
from modelsearch.backends import get_search_backends
from modelsearch.signal_handlers import post_save_signal_handler
from wagtail.models import ReferenceIndex
from wagtail.signal_handlers import disable_reference_index_auto_update
from wagtail.tasks import update_reference_index_task


@contextmanager
def indexed_afterwards() -> Iterator[None]:
    """What is saved within is found only after it: a page is saved several times until it stands,
    and would be indexed each time. Not for a process that answers requests beside it.
    """
    saved: dict[type[Model], set[Any]] = defaultdict(set)

    def note(sender: type[Model], instance: Model, raw: bool = False, **kwargs: Any) -> None:
        if not raw:
            saved[sender].add(instance.pk)

    searched = set(index.get_indexed_models())
    for model in searched:
        post_save.disconnect(post_save_signal_handler, sender=model)
    post_save.connect(note)
    try:
        with disable_reference_index_auto_update():
            yield
    finally:
        post_save.disconnect(note)
        for model in searched:
            post_save.connect(post_save_signal_handler, sender=model)
    _search({model: keys for model, keys in saved.items() if model in searched})
    for model in ReferenceIndex.tracked_models & saved.keys():
        for key in saved[model]:
            update_reference_index_task.func(
                model._meta.app_label, model._meta.model_name, str(key)
            )


def _search(saved: dict[type[Any], set[Any]]) -> None:
    by_kind: dict[type[Any], list[Any]] = defaultdict(list)
    for model, keys in saved.items():
        for row in model.get_indexed_objects().filter(pk__in=keys):
            if (whole := row.get_indexed_instance()) is not None:
                by_kind[type(whole)].append(whole)
    for backend in get_search_backends(with_auto_update=True):
        for kind, rows in by_kind.items():
            backend.add_bulk(kind, rows)
