"""Country editors: a group whose rights are on the sections of its countries and nowhere else.

Wagtail's own page permissions do the work, so that explorer, editing, lists and reports obey;
`desk_guard` closes the choosers, which ask for none.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

from cms.models import CountryDesk, CountryPage

ON_PAGES = ("add_page", "change_page", "publish_page")
ON_PICTURES = ("add_image", "change_image", "choose_image")


def set_up(*, desk: CountryDesk) -> CountryDesk:
    """Save it, new or changed, with its group, a place for its pictures, and rights on both."""
    with transaction.atomic():
        if desk.group_id is None:
            desk.group = Group.objects.create(name=_free_name(desk.name))
            root = Collection.get_first_root_node()
            desk.collection = root.add_child(name=desk.name)
        desk.save()
        Group.objects.filter(pk=desk.group_id).exclude(name=desk.name).update(
            name=_free_name(desk.name)
        )
        Collection.objects.filter(pk=desk.collection_id).update(name=desk.name)
        _equip(desk)
    return desk


def equip_for(country: str) -> None:
    """A section of the country was added or moved to another one."""
    for desk in CountryDesk.objects.filter(countries__contains=[country]):
        _equip(desk)


def dissolve(desk: CountryDesk) -> None:
    """The group goes with it; its pictures stay, for the other editors."""
    Group.objects.filter(pk=desk.group_id).delete()


def _equip(desk: CountryDesk) -> None:
    """Rights on what is theirs, and on nothing that no longer is. Safe to run again."""
    desk.group.permissions.set(Permission.objects.filter(codename="access_admin"))
    sections = CountryPage.objects.filter(country__in=desk.countries)
    GroupPagePermission.objects.filter(group=desk.group).exclude(page__in=sections).delete()
    for right in _rights("wagtailcore", "page", ON_PAGES):
        for section in sections:
            GroupPagePermission.objects.get_or_create(
                group=desk.group, page=section.page_ptr, permission=right
            )
    for right in _rights("wagtailimages", "image", ON_PICTURES):
        GroupCollectionPermission.objects.get_or_create(
            group=desk.group, collection=desk.collection, permission=right
        )


def _rights(app: str, model: str, codenames: tuple[str, ...]) -> Any:
    return Permission.objects.filter(
        content_type__app_label=app, content_type__model=model, codename__in=codenames
    )


def _free_name(name: str) -> str:
    """A group that stands already keeps its rights and its people to itself."""
    taken = Group.objects.filter(name=name).exists()
    return f"{name} (2)" if taken else name
