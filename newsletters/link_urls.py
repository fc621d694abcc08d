"""Addresses that stand in mails, short and for ever: `/n/…`. The token is the only key."""

from django.urls import path, re_path

from newsletters import link_views, rights_views
from newsletters.sources import PURPOSE

KEY = r"(?P<token>[\w-]{1,64})"

app_name = "links"
urlpatterns = [
    re_path(rf"^p/{KEY}/$", link_views.preferences, name="preferences"),
    re_path(rf"^p/{KEY}/data/$", rights_views.ask, name="ask_data"),
    re_path(rf"^d/{KEY}/$", rights_views.data, name="data"),
    re_path(rf"^m/{KEY}/$", rights_views.move, name="move"),
    re_path(rf"^u/{KEY}/$", link_views.unsubscribe, name="unsubscribe"),
    re_path(rf"^c/{KEY}/$", link_views.confirm, name="confirm"),
    re_path(rf"^go/{KEY}/(?P<purpose>{PURPOSE.pattern})/$", link_views.go, name="go"),
    # Whatever else stands where a token should: the same neutral page.
    path("<path:nonsense>", link_views.unknown),
]
