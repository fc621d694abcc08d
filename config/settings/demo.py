"""One machine, plain http, the local provider: what `make demo` and `make smoke` run.

The launcher in `config/local` puts every address and secret of this run into the environment.
"""

from config.settings.base import *  # noqa: F403

SERVE_MEDIA = True
STAFF_SECOND_FACTOR = False
DEMO = True
