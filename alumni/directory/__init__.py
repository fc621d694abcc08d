"""Finding one another, under the one policy.

Reading order: search → folding (accents and letters) → quota → materials (what a course left) →
views → desk.
"""
