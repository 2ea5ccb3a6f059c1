"""Columns that many of these tables have. Party, unit and keeper carry no database constraint: the run joins them."""

from django.conf import settings
from django.db import models

from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Unit


def word(length: int = 32) -> "models.CharField[str | None, str | None]":
    return models.CharField(max_length=length, null=True, blank=True)  # unknown is not ''


def fen() -> "models.BigIntegerField[int | None, int | None]":
    return models.BigIntegerField(null=True)


def unit() -> "models.ForeignKey[Unit, Unit]":
    return models.ForeignKey(Unit, models.CASCADE, db_constraint=False, db_index=False, related_name="+")


def keeper() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )


def party() -> "models.OneToOneField[Party, Party]":
    return models.OneToOneField(
        Party, models.CASCADE, primary_key=True, db_constraint=False, related_name="%(class)s"
    )
