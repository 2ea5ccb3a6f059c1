"""What people decided in the operational store, as a run read it: merges, overrides, switches.

Each is filled by one SELECT in `pipeline/registers.py` and is empty in a bank where nobody decided anything yet.
"""

from guanxi.insight.tables.shape import Table

OPS: tuple[Table, ...] = ()
