"""Retention (挽留任务): cases, offers within authority, why and where customers went."""
