"""What editors publish: pages, their pictures and topics, and the promise kept for mails.

Reading order: models/content.py (what every published page has: audience, standfirst, the moment
it first went live), the page models beside it, blocks.py (the vocabulary of a text),
digest.py with page_entries.py (published pages as the mail engine sees them), feeds.py,
sitemaps.py, search.py.
"""
