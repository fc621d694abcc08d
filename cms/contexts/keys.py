"""What a list shows, as keys in their order: asked of the database once a generation."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, overload

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page as Leaf
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

from cms.generations import kept_for_strangers

A_LEAF = 12


@dataclass(frozen=True)
class Keys(Sequence[int]):
    """Keys of pages of one kind. A slice of them is of the same kind."""

    model: Any
    keys: tuple[int, ...]

    def and_more(self, others: Keys) -> Keys:
        """These and others of the kind."""
        return Keys(self.model, self.keys + others.keys)

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> Keys: ...
    def __getitem__(self, at: int | slice) -> int | Keys:
        return Keys(self.model, self.keys[at]) if isinstance(at, slice) else self.keys[at]


def keys(pages: QuerySet[Any]) -> Keys:
    """One query, whatever the rows were to bring with them."""
    bare = pages.select_related(None).prefetch_related(None)
    return Keys(pages.model, tuple(bare.values_list("pk", flat=True)))


def listed(
    request: HttpRequest, name: tuple[Hashable, ...], pages: Callable[[], QuerySet[Any]]
) -> Keys:
    """Those that the reader may read. The name says all that the list depends on but the reader,
    the day for one that changes with the days."""
    return kept_for_strangers(request.user, ("listed", *name), lambda: keys(pages()))


def listed_together(
    request: HttpRequest,
    name: tuple[Hashable, ...],
    row: Callable[[], QuerySet[Any]],
    lists: Callable[[], dict[str, QuerySet[Any]]],
) -> dict[str, Keys]:
    """Several lists, each as `listed`, in one query beside any row; without the row, none."""

    def asked() -> dict[str, Keys]:
        pages = lists()
        columns = {f"keys_of_{one}": ArraySubquery(pages[one].values("pk")) for one in pages}
        found = row().values_list(*columns.values()).first() or ()
        return {
            one: Keys(pages[one].model, tuple(keys))
            for one, keys in zip(pages, found, strict=False)
        }

    return kept_for_strangers(request.user, ("listed", *name), asked)


def leaf_of(found: Sequence[Any], request: HttpRequest) -> Leaf[Any]:
    """The leaf asked for by `?page=`; nonsense and too far give the nearest one."""
    return Paginator(found, A_LEAF).get_page(request.GET.get("page"))
