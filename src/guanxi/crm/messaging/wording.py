"""Writes on templates (消息模板): written by one person, approved by another on the hash of exactly what was read."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.channels.parts import count
from guanxi.crm.audit import services as audit
from guanxi.crm.messaging.models import Channel, Purpose, Template, TemplateState, TemplateVersion
from guanxi.crm.messaging.policy import contact_policy
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.second_person import stand_ins
from guanxi.crm.organisation.services import require
from guanxi.insight.contact import lexicon
from guanxi.insight.contact.fields import TOPICS, USES
from guanxi.insight.contact.texts import LANGUAGES, Fault, Written, faults

OPEN = (TemplateState.DRAFT, TemplateState.PROPOSED)
Texts = Mapping[str, Mapping[str, str]]
"""Language → {"subject", "text"}."""


@dataclass(frozen=True)
class About:
    """What a template is: fixed when it is made, since what was approved was approved for this."""

    code: str
    name: str
    channel: str
    purpose: str
    use: str
    topic: str = ""
    personal: bool = False


@transaction.atomic
def make_template(*, by: Staff, about: About, texts: Texts, today: date, now: datetime) -> TemplateVersion:
    """A template with its first draft. ValidationError for a use, channel or topic that does not exist."""
    require(by, Right.WRITE_MESSAGES, today)
    known = about.channel in Channel.values and about.purpose in Purpose.values and about.use in USES
    if not known or about.topic not in ("", *TOPICS):
        raise ValidationError(_("There is no such channel, purpose, use or topic."))
    template = Template(**vars(about), made_by=by, made_at=now)
    template.full_clean(exclude=["made_by", "ended_at"])
    template.save(force_insert=True)
    audit.record(by=by, verb="messaging.template_made", on=template, **vars(about))
    return write(by=by, template=template, texts=texts, today=today, now=now)


@transaction.atomic
def write(*, by: Staff, template: Template, texts: Texts, today: date, now: datetime) -> TemplateVersion:
    """Keep a draft: the open one is written anew, else a new version begins. A version waiting for approval becomes a
    draft again, so that nobody approves what they have not read."""
    require(by, Right.WRITE_MESSAGES, today)
    Template.objects.select_for_update().get(pk=template.pk)
    told = cleaned(texts)
    # held too: whoever approves it at this moment has approved it, and this text begins the next version
    version = template.versions.select_for_update(of=("self",)).filter(state__in=OPEN).first()
    if version is None:
        last = template.versions.aggregate(last=Max("number"))["last"] or 0
        version = TemplateVersion(template=template, number=last + 1)
    version.texts, version.content_hash = told, content_hash(template, told)
    version.state, version.written_by, version.written_at = TemplateState.DRAFT, by, now
    version.save()
    audit.record(by=by, verb="messaging.template_written", on=version, content_hash=version.content_hash)
    return version


@transaction.atomic
def propose(*, by: Staff, version: TemplateVersion, today: date, note: str = "") -> TemplateVersion:
    """Hand a draft to somebody else; ValidationError says what stands against it."""
    require(by, Right.WRITE_MESSAGES, today)
    locked = _locked(version, TemplateState.DRAFT)
    found = faults_of(locked, today)
    if found:
        raise ValidationError([fault.words for fault in found])
    locked.state, locked.note, locked.lexicon = TemplateState.PROPOSED, note.strip()[:200], lexicon.VERSION
    locked.save(update_fields=["state", "note", "lexicon"])
    audit.record(by=by, verb="messaging.template_proposed", on=locked, content_hash=locked.content_hash)
    return locked


@transaction.atomic
def approve(
    *, by: Staff, version: TemplateVersion, content_hash: str, today: date, now: datetime
) -> TemplateVersion:
    """Approve exactly what was read; the version approved before is withdrawn. Not by its author or who stands in."""
    locked = _decidable(by, version, today)
    if not content_hash == locked.content_hash == _hash_now(locked):
        raise ValidationError(_("This text is no longer what you have read. Read it again."))
    found = faults_of(locked, today)
    if found:
        raise ValidationError([fault.words for fault in found])
    before = locked.template.versions.filter(state=TemplateState.APPROVED)
    before.update(state=TemplateState.RETIRED)
    return _decide(locked, TemplateState.APPROVED, by, now, "")


@transaction.atomic
def reject(*, by: Staff, version: TemplateVersion, note: str, today: date, now: datetime) -> TemplateVersion:
    """Turn a text down, with the reason."""
    if not note.strip():
        raise ValidationError(_("Say why."))
    return _decide(_decidable(by, version, today), TemplateState.REJECTED, by, now, note.strip()[:200])


@transaction.atomic
def withdraw(*, by: Staff, template: Template, note: str, today: date, now: datetime) -> None:
    """Let nothing more be sent by this template's approved text, with the reason."""
    require(by, Right.APPROVE_MESSAGES, today)
    if not note.strip():
        raise ValidationError(_("Say why."))
    locked = template.versions.select_for_update(of=("self",)).filter(state=TemplateState.APPROVED).first()
    if locked is None:
        raise ValidationError(_("Nothing of this template is approved."))
    locked.state, locked.decided_note = TemplateState.RETIRED, note.strip()[:200]
    locked.save(update_fields=["state", "decided_note"])
    audit.record(by=by, verb="messaging.template_withdrawn", on=locked, note=note.strip(), at=now)


def faults_of(version: TemplateVersion, today: date) -> list[Fault]:
    """What stands against a version, over its languages; Chinese is never missing."""
    return check(version.template, version.texts, today)


def check(template: Template, texts: Texts, today: date) -> list[Fault]:
    """The same of texts not kept yet: for the page that shows it while one writes."""
    policy = contact_policy(today)
    if policy is None:
        return [Fault("policy", _("There are no contact rules in force."))]
    found: list[Fault] = []
    for language in LANGUAGES:
        told = texts.get(language, {})
        if language != "zh" and not told.get("text", "").strip():
            continue
        found += faults(written(template, texts, language), policy, parts=count, reader=_reader())
    return found


def written(template: Template, texts: Texts, language: str) -> Written:
    """One language of a template as the linter reads it."""
    told = texts.get(language, {})
    return Written(
        template.channel,
        template.purpose,
        template.use,
        language,
        told.get("text", ""),
        told.get("subject", ""),
    )


def cleaned(texts: Texts) -> dict[str, dict[str, str]]:
    """Texts as they are kept: one kind of line end, nothing around, languages without text left out."""
    told = {
        language: {
            part: texts.get(language, {}).get(part, "").replace("\r\n", "\n").strip()
            for part in ("subject", "text")
        }
        for language in LANGUAGES
    }
    return {language: parts for language, parts in told.items() if parts["text"] or language == "zh"}


def content_hash(template: Template, texts: Texts) -> str:
    """SHA-256 over the texts and over what they are approved for."""
    about = [
        template.code,
        template.channel,
        template.purpose,
        template.use,
        template.topic,
        template.personal,
    ]
    body: Any = {"about": about, "texts": {language: dict(parts) for language, parts in texts.items()}}
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _hash_now(version: TemplateVersion) -> str:
    return content_hash(version.template, version.texts)


def _locked(version: TemplateVersion, state: str) -> TemplateVersion:
    rows = TemplateVersion.objects.select_related("template").select_for_update(of=("self",))
    locked = rows.get(pk=version.pk)
    if locked.state != state:
        raise ValidationError(_("Somebody has decided or changed this text already."))
    return locked


def _decidable(by: Staff, version: TemplateVersion, today: date) -> TemplateVersion:
    require(by, Right.APPROVE_MESSAGES, today)
    locked = _locked(version, TemplateState.PROPOSED)
    if by.pk in stand_ins((locked.written_by_id,), today):
        raise PermissionDenied("who wrote a text, or stands in for that person, does not approve it")
    return locked


def _decide(version: TemplateVersion, state: str, by: Staff, now: datetime, note: str) -> TemplateVersion:
    version.state, version.decided_by, version.decided_at, version.decided_note = state, by, now, note
    version.save(update_fields=["state", "decided_by", "decided_at", "decided_note"])
    audit.record(
        by=by, verb=f"messaging.template_{state}", on=version, content_hash=version.content_hash, note=note
    )
    return version


def _reader() -> str:
    return "zh" if (get_language() or "zh").startswith("zh") else "en"
