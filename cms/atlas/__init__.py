"""The map. In: the pack's countries. Out: shapes to draw.

Reading order: outlines (the world file, as points) → drawing (points as paths that fit a frame).
What a map shows is told in `cms.contexts.maps`.
"""
