"""The kinds of page that are looked at most closely, by their names; `{l}` is the language."""

LANGUAGES = ("en", "fr", "ar", "pt")
STORY = "/{l}/stories/a-referral-is-a-handover/"
PUBLIC = {
    "home": "/{l}/",
    "countries": "/{l}/countries/",
    "country": "/{l}/countries/kenya/",
    "story": STORY,
    "course": "/{l}/courses/cairo-2022-09/",
    "call": "/{l}/calls/the-first-conversation/",
    "search": "/{l}/search/?q=2022",
    "sign-in": "/{l}/accounts/login/",
    "subscribe": "/{l}/newsletters/subscribe/",
}
OWN = {"directory": "/{l}/members/", "my-page": "/{l}/members/me/"}
"""For a member who is signed in."""
