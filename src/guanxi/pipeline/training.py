"""Training against the store: by hand (`guanxi train`) and inside the night when the policy's month has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

from guanxi.crm.foresight.models import ModelVersion
from guanxi.crm.foresight.rules import training_due
from guanxi.crm.foresight.selectors import last_training
from guanxi.crm.foresight.services import keep_version
from guanxi.crm.policies.selectors import in_force
from guanxi.insight.foresight.model import text_hash
from guanxi.insight.foresight.training import Trained
from guanxi.insight.needs.propensity import PURPOSE
from guanxi.insight.needs.training import TrainedNeeds
from guanxi.insight.policies.churn import ChurnPolicy
from guanxi.insight.policies.need import NeedPolicy
from guanxi.insight.policies.suitability import SuitabilityPolicy
from guanxi.lake.engine import DuckEngine
from guanxi.lake.store import Manifest, Store
from guanxi.pipeline.bank import Bank
from guanxi.pipeline.learning import TrainingRefused, train_on
from guanxi.pipeline.lock import run_lock
from guanxi.pipeline.need_training import train_needs_on

Clock = Callable[[], datetime]


def train_now(bank: Bank, on: date, *, now: Clock) -> tuple[ModelVersion, Trained]:
    """Train the scorer of leaving on the run that stands for a date. Raises TrainingRefused, RunLocked."""
    with _standing(bank, on, now) as (engine, store, manifest):
        return _train(engine, store, manifest, now)


def train_needs_now(bank: Bank, on: date, *, now: Clock) -> tuple[ModelVersion, TrainedNeeds]:
    """Train the model of needs on the run that stands for a date. Raises TrainingRefused, RunLocked."""
    with _standing(bank, on, now) as (engine, store, manifest):
        return _train_needs(engine, store, manifest, now)


@contextmanager
def _standing(bank: Bank, on: date, now: Clock) -> Iterator[tuple[DuckEngine, Store, Manifest]]:
    """An engine over the run that stands for a date, under the lock of runs."""
    with run_lock(bank.home, holder=f"training, business date {on}, since {now():%Y-%m-%d %H:%M:%S %Z}"):
        store = Store(bank.lake)
        manifest = store.manifest(store.standing().get(on, ""))
        if manifest is None:
            raise TrainingRefused(f"no complete run stands for {on}: start `guanxi run` first")
        with DuckEngine(bank.home / "spill") as engine:
            yield engine, store, manifest


def train_when_due(bank: Bank, store: Store, manifest: Manifest, *, now: Clock) -> str:
    """At the end of the night, under its lock: train when the policy's months have passed; what came of it, in words.

    A training that cannot be is no failure of the night: the figures are published.
    """
    policy = _policy(manifest.business_date)
    last = last_training(policy.train_label) if policy else None
    day = manifest.business_date
    seen = (last.year, last.month) if last else None
    if policy is None or not training_due(seen, (day.year, day.month), policy.train_every_months):
        return ""
    with DuckEngine(bank.home / "spill") as engine:
        told = (
            _in_words(lambda: _train(engine, store, manifest, now), "the rule"),
            _in_words(lambda: _train_needs(engine, store, manifest, now), "what peers take"),
        )
    return "; ".join(told)


def _in_words(deed: Callable[[], tuple[ModelVersion, Trained | TrainedNeeds]], baseline: str) -> str:
    try:
        version, trained = deed()
    except TrainingRefused as refused:
        return f"no model trained: {refused}"
    return f"model {version} trained: " + (f"better than {baseline}" if trained.kept else trained.why)


def _policy(on: date) -> ChurnPolicy | None:
    policy = in_force(on).get(ChurnPolicy.kind)
    return policy if isinstance(policy, ChurnPolicy) else None


def _train(engine: DuckEngine, store: Store, manifest: Manifest, now: Clock) -> tuple[ModelVersion, Trained]:
    policy = _policy(manifest.business_date)
    if policy is None:
        raise TrainingRefused("no policy says what counts as leaving (churn)")
    trained = train_on(engine, store, manifest, policy)
    kind = trained.model.kind if trained.model else ""
    return _keep(trained, policy.train_label, kind, manifest, now), trained


def _train_needs(
    engine: DuckEngine, store: Store, manifest: Manifest, now: Clock
) -> tuple[ModelVersion, TrainedNeeds]:
    policies = in_force(manifest.business_date)
    policy, suited = policies.get(NeedPolicy.kind), policies.get(SuitabilityPolicy.kind)
    if not isinstance(policy, NeedPolicy):
        raise TrainingRefused("no policy says which families are looked at (need)")
    if not isinstance(suited, SuitabilityPolicy):
        raise TrainingRefused("no policy says from which age somebody is told a need (suitability)")
    trained = train_needs_on(engine, store, manifest, policy, adult_age=suited.adult_age)
    kind = "families" if trained.model else ""
    return _keep(trained, PURPOSE, kind, manifest, now), trained


def _keep(
    trained: Trained | TrainedNeeds, purpose: str, kind: str, manifest: Manifest, now: Clock
) -> ModelVersion:
    """The version in the store, with the model's text and its hash, or without where none came of it."""
    body = trained.model.to_text() if trained.model else ""
    return keep_version(
        purpose=purpose,
        kind=kind,
        body=body,
        sha256=text_hash(body) if body else "",
        card=trained.card,
        kept=trained.kept,
        why=trained.why,
        run_id=manifest.run,
        business_date=manifest.business_date,
        now=now(),
    )
