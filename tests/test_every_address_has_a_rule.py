"""Who may do what at every address the site has: a new one without a rule fails here.

The addresses come from the resolver, the people from the roles, the methods from HTTP. A rule says
whose an address is and what it takes; everybody else is sent to the sign-in or gets what a missing
page gets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.test import Client
from wagtail.models import GroupPagePermission, Page

from alumni.models import User
from tests import addresses
from tests.factories.alumni import CourseRunFactory, EnrolmentFactory, ProfileFactory, UserFactory

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
READ, ASK = frozenset({"GET", "HEAD"}), frozenset({"GET", "HEAD", "POST"})
ALL = frozenset(METHODS)

STRANGERS = ("anonymous", "reader")
MEMBERS = ("waiting", "alumnus", "classmate")
EDITORS = ("other country's editor", "editor", "moderator")
ROLES = (*STRANGERS, *MEMBERS, *EDITORS, "administrator")


@dataclass(frozen=True)
class Rule:
    """Whose an address is, and by which methods."""

    pattern: str
    whose: tuple[str, ...]
    takes: frozenset[str]
    library: bool = False
    """Made by a library: it may answer its own people oddly, but never anybody else."""


EVERYBODY, NOBODY = ROLES, ()
SIGNED_IN = (*MEMBERS, *EDITORS, "administrator")
DESK = (*EDITORS, "administrator")
ADMINISTRATOR = ("administrator",)
OF_PEOPLE = (
    "people|enrolments|certificates|rosters|joining|rights|person_chooser|people-to-look-after"
    "|reports-of-projects|suppression|readers"
)
RULES = [
    Rule(r"healthz$", EVERYBODY, READ),
    Rule(r"metrics$", NOBODY, READ),
    # A machine with the secret; `newsletters/test_webhooks.py` tries strangers at it.
    Rule(r"anymail/", EVERYBODY, ALL, library=True),
    Rule(r"n/", NOBODY, ASK),  # an unknown token is not found, whoever asks
    Rule(r"cms/(login|logout|password_reset)/", NOBODY, ALL),  # leads on to the one door
    Rule(r"cms/(sprite|jsi18n)/", EVERYBODY, ALL, library=True),  # drawings and words of Wagtail
    Rule(rf"cms/({OF_PEOPLE})/", ADMINISTRATOR, ALL, library=True),
    Rule(r"cms/(users|groups|wording|sites|locales|redirects)/", ADMINISTRATOR, ALL, library=True),
    Rule(r"cms/mailings/\d+/why/", ADMINISTRATOR, ALL, library=True),
    Rule(r"cms/", DESK, ALL, library=True),
    Rule(r"documents/", NOBODY, ALL),
    Rule(r"media/", NOBODY, ALL),
    Rule(r"sitemap\.xml$", EVERYBODY, ALL),
    Rule(r"(robots\.txt|favicon\.ico)$", EVERYBODY, READ),
    Rule(r"en/_util/", NOBODY, ALL),
    Rule(
        r"en/accounts/(login|logout|signup|inactive|confirm-email)/", EVERYBODY, ALL, library=True
    ),
    Rule(r"en/accounts/password/reset/", EVERYBODY, ALL, library=True),
    Rule(r"en/accounts/2fa/(authenticate|webauthn/login)/", EVERYBODY, ALL, library=True),
    Rule(r"en/accounts/", SIGNED_IN, ALL, library=True),
    Rule(r"en/members/(answer|invitation)/nothing/", NOBODY, ASK),
    Rule(r"en/members/invitation/$", EVERYBODY, READ),
    Rule(r"en/members/slip/$", EVERYBODY, ASK),
    Rule(r"en/members/", SIGNED_IN, ASK),
    Rule(r"en/certificates/$", EVERYBODY, READ),
    Rule(r"en/reports/", NOBODY, READ),
    Rule(r"en/said/[^/]+/$", NOBODY, frozenset({"POST"})),  # about a story that is not there
    Rule(r"en/newsletters/(subscribe|link)/$", EVERYBODY, ASK),
    Rule(r"en/newsletters/", EVERYBODY, READ),
    Rule(r"en/(search|topics|feeds)/$", EVERYBODY, READ),
    Rule(r"en/demo/(as|story)/$", NOBODY, frozenset({"POST"})),  # of demonstrations alone
    Rule(r"en/demo/", NOBODY, READ),  # a page of demonstrations alone
    Rule(r"en/read/nothing/$", NOBODY, READ),  # there is no such page
    Rule(r"en/(feed/)?$", EVERYBODY, ALL),
    Rule(r"en/(topics|feed/(countries|topics))/nothing/$", NOBODY, ALL),  # there is no such one
    Rule(r"en/calendar/nothing\.ics$", NOBODY, ALL),
]


@dataclass(frozen=True)
class Address:
    path: str
    rule: Rule | None


def every_address() -> list[Address]:
    """Every address of the resolver with sample values, and the first rule that fits it."""
    return [
        Address(path, next((rule for rule in RULES if re.match(rule.pattern, path[1:])), None))
        for path in addresses.paths()
    ]


EACH_METHOD_AS = ("anonymous", "alumnus", "administrator")
"""An odd method is refused whoever comes with it; three kinds of people show that."""
AT_THE_DESK = ("anonymous", "alumnus", "other country's editor", "editor", "administrator")
"""The editors' side asks for one right before anything else: more roles would ask it again."""


def methods_for(role: str, address: Address, rule: Rule) -> tuple[str, ...]:
    """What this role tries at the address."""
    if address.path.startswith("/cms/"):
        if role not in AT_THE_DESK:
            return ()
        return ("GET",) if role in DESK else ("GET", "POST")
    if rule.library and role in rule.whose:
        return ("GET",)
    return METHODS if role in EACH_METHOD_AS else ("GET", "HEAD", "POST")


def allowed(role: str, method: str, rule: Rule) -> str:
    """Which answers are right, as a pattern of `status place`."""
    if role not in rule.whose:
        if role in STRANGERS and set(rule.whose) & set(ROLES):
            return r"30[12] /(en/accounts|cms)/login/|30[12] /cms/|405"
        # Editors at the administrators' screens are shown to their own front page by Wagtail.
        return r"30[12] /(en/(accounts|members)/|cms/)|403|404|405"
    if method in rule.takes:
        return r"[234]\d\d" if not rule.library else r"\d\d\d"
    return r"405|404|30[12]"


@pytest.fixture
def clients(db: None) -> dict[str, Client]:
    """One client for each role."""
    cache.clear()
    run = CourseRunFactory()
    users: dict[str, User | None] = dict.fromkeys(STRANGERS)
    users |= {"waiting": ProfileFactory(user=UserFactory()).user}
    users |= {name: ProfileFactory(joined=True).user for name in ("alumnus", "classmate")}
    EnrolmentFactory(profile=users["classmate"].profile, run=run)
    for name in (*EDITORS, "administrator"):
        users[name] = UserFactory(email=f"{name[:5]}@example.org")
    users["other country's editor"].groups.add(_country_editors())
    for name, group in (
        ("editor", "Editors"),
        ("moderator", "Editors"),
        ("administrator", "Administrators"),
    ):
        users[name].groups.add(Group.objects.get(name=group))
    users["moderator"].user_permissions.add(Permission.objects.get(codename="unlock_page"))
    made = {}
    for name, user in users.items():
        made[name] = Client(raise_request_exception=False)
        if user:
            made[name].force_login(user)
    return made


def _country_editors() -> Group:
    """Colleagues who write in one section alone."""
    group = Group.objects.create(name="Editors of one country")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    home = Page.objects.filter(depth=2).first()
    right = Permission.objects.get(codename="add_page", content_type__model="page")
    GroupPagePermission.objects.create(group=group, page=home, permission=right)
    return group


def test_every_address_has_a_rule() -> None:
    assert [address.path for address in every_address() if not address.rule] == []


def test_every_rule_has_an_address() -> None:
    used = {address.rule for address in every_address()}

    assert [rule.pattern for rule in RULES if rule not in used] == []


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_answered_by_the_rule_whatever_the_method(
    clients: dict[str, Client], role: str
) -> None:
    wrong = []
    for address in every_address():
        rule = address.rule
        assert rule is not None
        if address.path.endswith("/logout/"):
            continue  # would end the session; `test_accounts` goes through it
        for method in methods_for(role, address, rule):
            answer = clients[role].generic(method, address.path)
            said = f"{answer.status_code} {answer.get('Location', '')}".strip()
            if not re.match(allowed(role, method, rule), said):
                wrong.append((method, address.path, said))

    assert wrong == []


@pytest.fixture
def people(db: None) -> dict[str, Client]:
    """The three whom the single tests below need."""
    made = {"anonymous": Client(raise_request_exception=False)}
    for role, group in (("editor", "Editors"), ("administrator", "root")):
        user = User.objects.create_user(f"{role}@example.org", "a long pass phrase")
        if group == "root":
            user.is_superuser = True
            user.save()
        else:
            user.groups.add(Group.objects.get(name=group))
        made[role] = Client(raise_request_exception=False)
        made[role].force_login(user)
    return made


def test_what_editors_may_not_see(people: dict[str, Client]) -> None:
    """People and addresses are the administrators' business."""
    private = (
        "/cms/suppression/",
        "/cms/users/",
        "/cms/wording/",
        "/cms/groups/",
        "/cms/rights/hiding/",
        "/cms/rights/stop/",
        "/cms/rights/letter/",
        "/cms/rights/list/",
        "/cms/rights/reported/",
        "/cms/rights/looks/",
        "/cms/readers/",
        "/cms/readers/import/",
    )

    assert [p for p in private if people["editor"].get(p).status_code == 200] == []
    assert [p for p in private if people["administrator"].get(p).status_code != 200] == []


@pytest.mark.parametrize("door", ["/cms/login/", "/en/_util/login/", "/cms/"])
def test_there_is_one_door(people: dict[str, Client], door: str) -> None:
    answer = people["anonymous"].get(door, follow=True)

    assert answer.redirect_chain[-1][0].partition("?")[0] == "/en/accounts/login/"


def test_no_door_takes_a_password_past_the_account_pages(people: dict[str, Client]) -> None:
    for door in ("/cms/login/", "/en/_util/login/"):
        client = Client()
        client.post(
            door,
            {"username": "administrator@example.org", "password": "a long pass phrase"},
            follow=True,
        )
        assert "_auth_user_id" not in client.session
