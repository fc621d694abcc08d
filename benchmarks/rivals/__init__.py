"""What others would use: Django, Anymail and Celery by hand, with and without good practice, and
two packages from PyPI. newsletter.py and post_office.py run where nothing of ours is installed.
"""
