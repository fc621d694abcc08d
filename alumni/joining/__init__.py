"""How a person on a roster becomes a member: an invitation, a printed slip, a call on record.

Reading order: doors (where a course run stands) → invitations (how they leave), invited (how they
are taken up), slips → accounts (who may open one, and which profile waits for a mailbox) → views,
mailbox (the person's pages) → vouching (who stands on no list) → desk, doors_desk,
vouching_desk (staff's).
"""
