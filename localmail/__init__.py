"""The mail provider's stand-in: takes mail as Mailgun does, keeps it, shows it, reports back.

It imports nothing of the site and the site imports nothing of it: they speak HTTP, and SMTP if
asked. Standard library only. At a thousand recipients a call it takes about 100,000 recipients a
second on one core, in 30 MB of memory however many have come. In reading order:

    mailgun.py   what a call holds, and why a call is refused (forms.py and addresses.py read it)
    ledger.py    what was taken, append-only on disk (files.py); judge.py reads it from outside
    mails.py     one recipient's final mail, made when somebody looks at it
    inbox.py     the newest mails, to look up and to wait for
    events.py    what became of a mail; webhooks.py tells the site, signed
    lookup.py    the same events when somebody asks, by tag (index.py)
    knobs.py     faults to order, as settings.py lists them; faults.py is where HTTP has them
    provider.py  Mailgun's face: sending and look-ups; hold.py keeps answers back
    api.py, pages.py   the same mails as JSON and as a mailbox page (oneclick.py leaves a list)
    server.py    HTTP with limits: exchange.py is one turn, silence.py the end of a bad one
    smtp.py      the other door: wire.py has its lines, login.py its password, transaction.py one
                 mail and its faults; envelopes.py, wiremails.py what it leaves in ledger and inbox
    mailbox.py   all of it together (crowd.py: a thread a connection); client.py asks from outside
"""

from localmail.client import Client
from localmail.mailbox import Mailbox

__all__ = ["Client", "Mailbox"]
