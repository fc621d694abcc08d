"""What each page's template gets: plain values, so that no template asks the database.

cards.py makes the lines and cards lists are built of; front.py the home page and countries;
reading.py the pages one reads and the lists one leafs through. Every function takes the page and
the request; the number of queries does not depend on how much there is to show.

Every page template also has, from cms.models.shown.ShownPage: `page`, `language` (its code),
`language_links` (cms.languages.LanguageLink), `hreflang_links` ((code, absolute address) pairs) and
`linked` (cms.linked.Told, or None); pages that tell something (cms.models.content.Content) also
`words`, `words_written` and `written`; and on every screen, from cms.navigation: `menu`, `thanks`,
`notices`, `home_url`.
"""
