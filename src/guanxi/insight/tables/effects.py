"""What became of the customers of a campaign, and what it changed."""

from guanxi.insight.tables.shape import Table, table

EFFECTS: tuple[Table, ...] = (
    table(
        "effect.outcome",
        "campaign party_key",
        """campaign text; party_key key; month day; arm text; cluster text; control_share DECIMAL(12,8)
        assigned_on day; lived_days int; horizon_days int; tier_rank int; age_band text; exposed flag; contaminated flag
        aum_before money; aum_after money; opened flag; held_before flag; retained flag
        contribution_before money; contribution_after money""",
        "Everybody assigned in a campaign still read out, as drawn (意向性分析), whatever reached him: before from closed "
        "months before the assignment, after up to the horizon. `retained` is NULL where there was too little to lose.",
        monthly=True,
    ),
    table(
        "effect.readout",
        "campaign measure arm dimension subgroup",
        """campaign text; measure text; arm text; dimension text; subgroup text; month day; day day; is_main flag
        treated big; control big; mean_treated number; mean_control number; plain number; lift number; error number
        low number; high number; fixed_low number; fixed_high number; variance_kept number; seen number; planned number
        verdict text; reason text; ratio_p number; differ_p number; exposed big; contaminated big; cost money""",
        "One look at each campaign (效果评估): each arm against the held-out, for everybody and by subgroup, with the "
        "interval that holds at every look (low, high), the one of a single look (fixed_*) and the verdict. Money in yuan "
        "a customer, shares 0 to 1. `plain`: the difference as it is, neither cut nor adjusted.",
        monthly=True,
    ),
)
