"""Campaigns: goal, audience, offer, steps and the group that is held out."""
