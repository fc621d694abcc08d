"""People: who was trained where, what they keep of themselves, and who may see it.

Reading order: models (users, profiles, training) → visibility (the one policy) → profiles (the
alumnus's verbs) → roster (the centre's import) → joining, adapters (the door) → reading (what comes
by mail) → audience (the promise kept for newsletters).
"""
