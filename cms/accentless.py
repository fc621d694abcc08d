"""The search of pages, on the site and in the admin, without accents: both sides are folded.

PostgreSQL's own way is `unaccent`, an extension that knows no Arabic (docs/adr/0020); so the texts
are folded on their way into the index, by the table by which people are found.
"""

from __future__ import annotations

import copy
from typing import Any

from django.contrib.postgres.search import SearchVector
from modelsearch.backends.database.postgres import postgres
from modelsearch.query import Phrase, PlainText

from alumni.directory.folding import Folded, fold
from cms.arabic import bare


class FoldingIndexer(postgres.ObjectIndexer):
    """What of an object goes into the index."""

    def prepare_value(self, value: Any) -> str:
        """The text of one field."""
        return bare(fold(super().prepare_value(value)))


# The index asks for its indexer by this name and offers no other way.
postgres.ObjectIndexer = FoldingIndexer


class _Folding:
    """Folds what is asked, and columns that are searched without the index."""

    def build_tsquery_content(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(query, PlainText | Phrase):
            query = copy.copy(query)
            folded = fold(query.query_string)
            # Columns that are searched without the index keep what is written onto their words.
            query.query_string = bare(folded) if self.fields is None else folded  # type: ignore[attr-defined]
        return super().build_tsquery_content(query, *args, **kwargs)  # type: ignore[misc]

    def get_fields_vectors(self, search_query: Any) -> list[tuple[Any, float]]:
        return [
            (SearchVector(Folded(lookup), config=search_query.config), field.boost)
            for lookup, field in self.search_fields.items()  # type: ignore[attr-defined]
        ]


class QueryCompiler(_Folding, postgres.PostgresSearchQueryCompiler):
    """Whole words."""


class AutocompleteQueryCompiler(_Folding, postgres.PostgresAutocompleteQueryCompiler):
    """Beginnings of words."""

    def get_fields_vectors(self, search_query: Any) -> list[tuple[Any, float]]:
        """Such fields know no boost."""
        return [
            (SearchVector(Folded(lookup), config=search_query.config, weight="D"), 1.0)
            for lookup in self.search_fields
        ]


class SearchBackend(postgres.PostgresSearchBackend):
    """Named in the settings."""

    query_compiler_class = QueryCompiler
    autocomplete_query_compiler_class = AutocompleteQueryCompiler
