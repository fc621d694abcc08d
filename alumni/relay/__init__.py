"""Writing to a member without either address showing.

Reading order: contact (the rules) → inbox (conversations as pages show them) → forms, views.
"""
