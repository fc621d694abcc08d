"""`python -m config.local`: what the Makefile's targets call."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from config.local import browser, demo, rehearsal, smoke, steps, supervisor
from config.local.processes import LocalError
from config.local.supervisor import Stopped


def main() -> int:
    """Run one verb; 1 with a message when something on this machine stops it."""
    parser = argparse.ArgumentParser(prog="python -m config.local", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    demoing = verbs.add_parser("demo", help="run everything in the foreground")
    demoing.add_argument("--port", type=int, default=8000)
    demoing.add_argument("--reset", action="store_true", help="begin with nothing kept")
    demoing.add_argument("--folder", type=Path, help="where data is kept")
    verbs.add_parser("smoke", help="from a published story to a mailbox, without a person")
    verbs.add_parser("browser", help="find or install the browser of the tests")
    verbs.add_parser("deploy-check", help="Django's checks with production settings")
    running = verbs.add_parser("with-servers", help="run a command beside fresh servers")
    running.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    supervisor.stop_on_signals()
    try:
        if asked.verb == "demo":
            demo.run(port=asked.port, reset=asked.reset, folder=asked.folder)
        elif asked.verb == "smoke":
            smoke.run()
        elif asked.verb == "browser":
            browser.install_where_possible()
        elif asked.verb == "deploy-check":
            return rehearsal.deploy_check()
        else:
            return rehearsal.run(asked.command, rehearsal.AS_IN_TESTS)
    except LocalError as error:
        steps.complain(error)
        return 1
    except Stopped:
        print("\nStopped.", flush=True)
        return 0 if asked.verb == "demo" else 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
