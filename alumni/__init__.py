"""People: who was trained where, what they keep of themselves, and who may see it.

Reading order: models (users, profiles, training) → visibility (the one policy) → profiles (the
alumnus's verbs) → roster (the centre's import) → joining, invitations, slips, doors, adapters (how
people come) → directory (finding one another), relay (writing to one another) → hiding, export,
erasure, retention, access (what people may ask of us) → reading (what comes by mail) → survey,
followup, outcomes, reports (what came of a course) → audience (the promise kept for newsletters).
"""
