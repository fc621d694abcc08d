"""Readers from a table: from a file as people send it to subscriptions with proof of consent.

Reading order: columns (headings → what they mean) → cells (a row → what it says, or what is to be
mended) → hold (all rows wait in the database) → carry (what would become of each, and the one pass
that does it). Nobody is written to because of it, nobody who left is brought back.
"""
