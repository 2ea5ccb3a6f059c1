"""May this customer be reached now (触达许可): consent, holds, quiet hours, the contact budget. Pure: facts in, verdict
out."""

from guanxi.insight.contact.decision import Asked, Verdict, decide
from guanxi.insight.contact.facts import Facts, Said, Touch

__all__ = ["Asked", "Facts", "Said", "Touch", "Verdict", "decide"]
