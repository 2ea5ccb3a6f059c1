"""Tables of the rooms below the customer page that hold nothing of most customers."""

from guanxi.crm.behaviour.models import Recent
from guanxi.crm.campaigns.models import Recipient
from guanxi.crm.care.models import Gift, ImportantDate, LifeEvent
from guanxi.crm.customers.models import Note, ProfileChange
from guanxi.crm.foresight.models import Change, EarlyWarning, Signal
from guanxi.crm.interactions.models import Contact, Promise
from guanxi.crm.leads.models import Opportunity
from guanxi.crm.messaging.models import Message
from guanxi.crm.retention.models import Case
from guanxi.crm.salons.models import Invitation
from guanxi.crm.scores.models import LargeChange
from guanxi.crm.segments.models import Enrolment
from guanxi.crm.surveys.models import Answer
from guanxi.crm.visits.models import KeyPerson, Visit
from guanxi.crm.worklist.models import Task

OFTEN_EMPTY = (
    *(Contact, Promise, Visit, KeyPerson, Case, Opportunity, Gift, LifeEvent, ImportantDate, Task),
    Enrolment,
    *(Note, ProfileChange),
    *(EarlyWarning, Signal, Change, LargeChange),
    *(Message, Recipient, Recent, Invitation, Answer),
)
