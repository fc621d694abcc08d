"""A column of windows of time."""

from __future__ import annotations

from typing import Any

from django.db import models


class MomentsField(models.Field):
    """PostgreSQL's tstzmultirange; in Python psycopg's Multirange of aware datetimes."""

    def db_type(self, connection: Any) -> str:
        return "tstzmultirange"

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj) or "")
