"""Salons and events: invitation, sign-up, attendance, follow-up."""
