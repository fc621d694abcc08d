"""People: who was trained where, what they keep of themselves, and who may see it.

Reading order: models (users, profiles, training) → visibility (the one policy) → profiles (the
alumnus's verbs) → the packages, each with its own reading order: roster (the centre's import),
joining (how people come), directory (finding one another), relay (writing to one another), privacy
(what people may ask of us), followup (what came of a course) → reading (what comes by mail) →
audience (the promise kept for newsletters).
"""
