"""Each reader's address also as a keyed hash, to be compared with those of the erased."""

from __future__ import annotations

from typing import Any

from django.db import migrations

import newsletters.models.subscribers
from newsletters.addresses import keyed_hash

AT_A_TIME = 5000
FILL = """
UPDATE newsletters_subscriber s SET address_hash = p.hash
FROM unnest(%s::bigint[], %s::text[]) AS p(id, hash) WHERE s.id = p.id
"""


def fill(apps: Any, schema_editor: Any) -> None:
    """The key of the hashes is not for the database: they are made here, some at a time."""
    rows = apps.get_model("newsletters", "Subscriber").objects.filter(address_hash="")
    while some := list(rows.order_by("pk").values_list("pk", "address")[:AT_A_TIME]):
        with schema_editor.connection.cursor() as cursor:
            hashes = [keyed_hash(address) for _pk, address in some]
            cursor.execute(FILL, [[pk for pk, _address in some], hashes])


class Migration(migrations.Migration):
    dependencies = [("newsletters", "0009_steps")]

    operations = [
        migrations.AddField(
            model_name="subscriber",
            name="address_hash",
            field=newsletters.models.subscribers.HashOfAddress(
                db_default="",
                editable=False,
                help_text="What erased addresses are compared by: they stand in no list in the "
                "clear.",
                max_length=64,
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
