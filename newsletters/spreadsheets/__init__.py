"""Tables as people send and take them: read with suspicion, written so that nothing runs.

files (bytes → headings and numbered rows; text in encodings and tables, workbooks in workbooks,
book, sheet and markup), signs and dates (what a cell says), words (what a heading means), safe
(cells that leave), copying (many rows into the database at once).
"""
