"""Editors publish and send; Administrators may do everything in the editors' pages.

Permissions are rows that Django makes only after the last migration, so they are made here.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management import create_permissions
from django.db import migrations

EDITORS = {
    "wagtailadmin": ["access_admin"],
    "wagtail_localize": ["submit_translation"],
    "cms": ["add_topic", "change_topic", "view_topic"],
    "newsletters": ["view_issue", "send_issue", "view_newsletter"],
}
EDITORS_ON_PAGES = ["add_page", "change_page", "publish_page"]
ADMINISTRATORS = [
    "alumni",
    "auth",
    "cms",
    "newsletters",
    "wagtail_localize",
    "wagtailadmin",
    "wagtailcore",
    "wagtaildocs",
    "wagtailimages",
    "wagtailredirects",
]
ADMINISTRATORS_ON_PAGES = [
    *EDITORS_ON_PAGES,
    "bulk_delete_page",
    "lock_page",
    "unlock_page",
]
ON_FILES = ["add_image", "change_image", "choose_image"]
ADMINISTRATORS_ON_FILES = [*ON_FILES, "delete_image"]


def give_rights(apps: Any, schema_editor: Any) -> None:
    for app_config in apps.get_app_configs():
        app_config.models_module = True
        create_permissions(app_config, apps=apps, verbosity=0)
        app_config.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    editors, _ = Group.objects.get_or_create(name="Editors")
    administrators, _ = Group.objects.get_or_create(name="Administrators")
    for app_label, codenames in EDITORS.items():
        found = Permission.objects.filter(content_type__app_label=app_label, codename__in=codenames)
        editors.permissions.add(*found)
    administrators.permissions.add(
        *Permission.objects.filter(content_type__app_label__in=ADMINISTRATORS)
    )
    _on_pages(apps, editors, EDITORS_ON_PAGES)
    _on_pages(apps, administrators, ADMINISTRATORS_ON_PAGES)
    _on_files(apps, editors, ON_FILES)
    _on_files(apps, administrators, ADMINISTRATORS_ON_FILES)


def _on_pages(apps: Any, group: Any, codenames: list[str]) -> None:
    root = apps.get_model("wagtailcore", "Page").objects.get(depth=1)
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="wagtailcore",
        content_type__model="page",
        codename__in=codenames,
    )
    rights = apps.get_model("wagtailcore", "GroupPagePermission").objects
    for permission in permissions:
        rights.get_or_create(group=group, page=root, permission=permission)


def _on_files(apps: Any, group: Any, codenames: list[str]) -> None:
    root = apps.get_model("wagtailcore", "Collection").objects.get(depth=1)
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="wagtailimages",
        content_type__model="image",
        codename__in=codenames,
    )
    rights = apps.get_model("wagtailcore", "GroupCollectionPermission").objects
    for permission in permissions:
        rights.get_or_create(group=group, collection=root, permission=permission)


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0001_initial"),
        ("alumni", "0001_initial"),
        ("newsletters", "0002_approved_by"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailcore", "0086_populate_grouppagepermission_permission"),
        ("wagtaildocs", "0001_initial"),
        ("wagtailimages", "0023_add_choose_permissions"),
        ("wagtailredirects", "0001_initial"),
        ("wagtail_localize", "0006_create_submit_translation_permission"),
    ]

    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
