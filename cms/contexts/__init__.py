"""What each page's template gets: plain values, so that no template asks the database.

cards.py makes the lines and cards lists are built of; front.py the home page and countries;
reading.py the pages one reads and the lists one leafs through. Every function takes the page and
the request; the number of queries does not depend on how much there is to show.

Every page template also has, from cms.models.content.ShownPage: `page`, `language` (its code),
`language_links` (cms.languages.LanguageLink) and `hreflang_links` ((code, absolute address)
pairs); and on every screen, from cms.navigation: `menu`, `thanks`, `home_url`.
"""
