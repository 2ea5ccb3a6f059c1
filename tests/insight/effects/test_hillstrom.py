"""A real randomised trial read through its mapping: the lifts everybody finds in it."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from banks import policy_of
from builders import ROOT

from guanxi.insight.effects.readout import Rules
from guanxi.insight.effects.trial import TrialRefused, read_mapping, read_trial
from guanxi.insight.policies.effect import EffectPolicy
from guanxi.lake.labelled import labelled_table

FOLDER = Path(os.environ.get("GUANXI_SHARED_DATA", str(ROOT.parent / "shared" / "data"))) / "hillstrom"
MAPPING = tomllib.loads((ROOT / "banks/hillstrom/effect.toml").read_text(encoding="utf8"))


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the real trial is not on this machine")
def test_the_lifts_of_the_real_trial_are_those_of_its_plain_shares() -> None:
    mapping = read_mapping({**MAPPING, "uplift": {}})
    policy = policy_of("effect", "demo")
    assert isinstance(policy, EffectPolicy)
    result = read_trial(
        labelled_table(FOLDER / mapping.file), mapping, Rules.of(policy), rounds=1, least=10**9
    )
    assert result.ratio_p > 0.001
    visits = {arm.arm: arm.measures["visit"] for arm in result.arms}
    assert visits["Womens E-Mail"].plain == pytest.approx(0.0452, abs=5e-5)
    assert visits["Mens E-Mail"].plain == pytest.approx(0.0766, abs=5e-5)
    for line in visits.values():
        assert line.verdict == "works"
        assert line.fixed.holds(line.plain)
        assert line.always.low < line.fixed.low < line.fixed.high < line.always.high


@pytest.mark.parametrize(
    "change",
    [{"main": "nothing"}, {"control": "nobody"}, {"measures": {"visit": "text"}}, {"file": None}],
)
def test_a_mapping_that_cannot_be_read_is_refused(change: dict[str, object]) -> None:
    said = {**MAPPING, **change}
    if said["file"] is None:
        del said["file"]
    with pytest.raises(TrialRefused):
        read_mapping(said)
