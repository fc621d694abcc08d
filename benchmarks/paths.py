"""The addresses whose pages are measured; all in the demonstration."""

from babel import Locale

COUNTRY = Locale("en").territories["KE"].lower()

FRESH = "fresh=1"
"""Pages asked for with an unknown word are drawn anew, with the shipped settings."""
PAGES = {
    "home": "/en/",
    "country": f"/en/countries/{COUNTRY}/",
    "story": "/en/stories/a-referral-is-a-handover/",
}
SEARCH = "search"
LISTS = {
    f"/en/stories/?{FRESH}": "stories",
    f"/en/stories/?page=2&{FRESH}": "stories, second leaf",
    f"/en/countries/?{FRESH}": "countries",
    f"/en/courses/?{FRESH}": "courses",
    f"/en/calls/?{FRESH}": "calls and courses",
    f"/en/topics/referral/?{FRESH}": "a topic",
    f"/en/search/?q=learned&{FRESH}": SEARCH,
}
