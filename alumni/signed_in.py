"""In: a request. Out: who asks, as a user of ours or as somebody who has joined; else Http404."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from alumni.models import Profile, User
from alumni.visibility import membership


def user_of(request: HttpRequest) -> User:
    """Whoever is signed in."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def joined(request: HttpRequest) -> Profile:
    """The profile of whoever is signed in and has joined."""
    own = membership(request.user)
    if own is None or not own.has_accepted:
        raise Http404
    return own
