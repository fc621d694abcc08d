"""A person's rights over what is kept: agree, hide, take it along, be forgotten, know who looked.

Reading order: consents → hiding, stopping → export, erasure, forgotten → retention → access,
lists → fresh (asking who is there) → views (the member's pages) → desk (staff's).
"""
