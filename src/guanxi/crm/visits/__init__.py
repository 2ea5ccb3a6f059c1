"""Visits (预约拜访): prepared, carried out, appraised; maintenance plans, cadence, day and week plans."""
