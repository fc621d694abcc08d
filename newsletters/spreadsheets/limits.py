"""How much a list may hold: more than any office has, less than would hurt a small server."""

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 100_000
MOST_COLUMNS = 100
MOST_IN_A_CELL = 2000

MOST_PARTS = 1000
"""Entries in a workbook, which is an archive."""
MOST_UNPACKED = 200 * 1024 * 1024
MOST_TEXTS = 32 * 1024 * 1024
"""Bytes of all different texts of a workbook."""
MOST_RATIO = 150
"""An honest sheet shrinks to a tenth or a thirtieth; below SMALL nobody looks."""
SMALL = 4 * 1024 * 1024
LAST_ROW = 1_048_576
