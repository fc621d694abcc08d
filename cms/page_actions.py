"""What stands at the foot of a page's form: "Publish" in sight, beside "Save draft".

Wagtail keeps it in a menu that opens with an arrow. What else is in that menu stays there.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from wagtail.admin.action_menu import ActionMenuItem, PublishMenuItem

BESIDE = "beside"
"""Where `wagtailadmin/pages/create.html` and `edit.html` find it, in the menu's context."""


def publish_in_sight(
    items: list[ActionMenuItem], request: HttpRequest, context: dict[str, Any]
) -> None:
    """For whoever may publish, and only beside another button: "Save draft" comes first, so that
    the Enter key in a line of the form, and a press in haste, publish nothing."""
    publish = next((item for item in items[1:] if isinstance(item, PublishMenuItem)), None)
    if publish is None:
        return
    items.remove(publish)
    context[BESIDE] = publish.render_html(context)
