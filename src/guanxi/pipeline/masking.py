"""The data that analysts may ask (去标识化数据), made from the run people see; once a run."""

from __future__ import annotations

from datetime import date
from typing import cast

from guanxi.crm.policies.selectors import active
from guanxi.crm.scores.models import Run
from guanxi.insight.policies.workbench import WorkbenchPolicy
from guanxi.lake.door import read_keys
from guanxi.lake.masked import Made, newest, pseudonym_key, write_masked
from guanxi.lake.store import Store
from guanxi.pipeline.bank import Bank, BankError


def make_masked(bank: Bank, *, today: date) -> Made:
    """The file of the current run by the policy in force; the one there already when it fits.

    Raises BankError before the first run and where the bank has no policy of the workbench.
    """
    try:
        policy = cast("WorkbenchPolicy", active(WorkbenchPolicy.kind, today))
    except KeyError as missing:
        raise BankError(f"{bank.name} has no policy “workbench” in force (没有分析工作台政策)") from missing
    run = Run.objects.using("pipeline").filter(is_current=True).first()
    store = Store(bank.lake)
    manifest = store.manifest(run.pk) if run else None
    if manifest is None:
        raise BankError(f"{bank.name} has no published run yet: start `guanxi run` first")
    made = newest(bank.lake, manifest.run)
    if made is not None and made.smallest_group == policy.smallest_group:
        return made
    tokens = read_keys(bank.home).token
    # Of the first token key, so that turning keys over changes no pseudonym.
    key = pseudonym_key(tokens[min(tokens)])
    return write_masked(store, manifest, key=key, k=policy.smallest_group)
