"""The addresses whose pages are measured; all in the demonstration."""

FRESH = "fresh=1"
"""Pages asked for with an unknown word are drawn anew, with the shipped settings."""
PAGES = {
    "home": "/en/",
    "country": "/en/countries/kenya/",
    "story": "/en/stories/four-days-in-cairo/",
}
LISTS = {
    f"/en/stories/?{FRESH}": "stories",
    f"/en/stories/?page=2&{FRESH}": "stories, second leaf",
    f"/en/countries/?{FRESH}": "countries",
    f"/en/courses/?{FRESH}": "courses",
    f"/en/calls/?{FRESH}": "calls and courses",
    f"/en/topics/referral/?{FRESH}": "a topic",
    f"/en/search/?q=learned&{FRESH}": "search",
}
