"""The mail provider's stand-in: takes mail as Mailgun does, keeps it, shows it, reports back.

It imports nothing of the site and the site imports nothing of it: they speak HTTP. Standard
library only. At a thousand recipients a call it takes about 100,000 recipients a second on one
core, in 30 MB of memory however many have come. In reading order:

    mailgun.py   what a call holds, and why a call is refused (forms.py and addresses.py read it)
    ledger.py    what was taken, append-only on disk
    mails.py     one recipient's final mail, made when somebody looks at it
    inbox.py     the newest mails, to look up and to wait for
    webhooks.py  signed events back to the site
    api.py, pages.py   the same mails as JSON and as a mailbox page (oneclick.py leaves a list)
    server.py    HTTP with limits; mailbox.py puts all of it together; client.py asks from outside
"""

from localmail.client import Client
from localmail.mailbox import Mailbox

__all__ = ["Client", "Mailbox"]
