"""The four indices of a relationship, what becomes of a keeper's book month by month, and how policies part customers."""

from guanxi.insight.tables.shape import Table, table

RELATIONSHIP: tuple[Table, ...] = (
    table(
        "ops.survey_answer",
        "answer_id",
        "answer_id key; customer_no text; day day; csat int; nps int",
        "What customers answered under their own name (满意度调查) in the 400 days up to the business date: csat 1..5, nps "
        "0..10. Answers of anonymous surveys lead to nobody and are not here.",
    ),
    table(
        "score.relation_index",
        "party_key month",
        """party_key key; month day; bucket bucket; satisfaction int; loyalty int; contribution int; dependence int
        tenure_years number; idle_days int; held_share number; families int; has_salary flag; flow_share number
        has_loan flag; answers int; complaints int; complaints_open int""",
        "Four indices of a relationship (四项关系指数), 0..100, with what each was made from; NULL where nothing is known. "
        "`held_share`: balance against one's own six months; `flow_share`: part of the money that went out in three months "
        "and not to own accounts at other banks; `has_salary`: paid through us in three months, NULL for who is no person.",
        monthly=True,
    ),
    table(
        "feature.keeper_month",
        "party_key month",
        "party_key key; month day; bucket bucket; keeper_before text; keeper_now text",
        "Who kept the customer when the month began and at its last day counted (管户人); '' nobody.",
        monthly=True,
    ),
    table(
        "report.book_index",
        "month unit_no keeper_no measure",
        """month day; unit_no text; keeper_no text; measure text; customers big; known big; points big; low big
        middle big; high big""",
        "The four indices by managing outlet and keeper ('' nobody): customers with an open account, how many have the "
        "index, the sum of its points, and how many are low, middle, high by the policy's lines.",
        monthly=True,
    ),
    table(
        "report.book_flow",
        "month unit_no keeper_no",
        """month day; unit_no text; keeper_no text; customers_before big; customers big
        kept big; arrived big; opened big; left_book big; closed big
        aum_before money; aum_kept_before money; aum_grown money; aum_arrived money; aum_opened money; aum_left money
        aum_closed money; aum money
        contribution_before money; contribution_grown money; contribution_arrived money; contribution_opened money
        contribution_left money; contribution_closed money; contribution money; contribution_unknown big""",
        "What became of a keeper's book (管户资产轨迹) in the month, by managing outlet and keeper ('' nobody): what stood there "
        "before, what the customers kept grew by, what came with customers from other hands (arrived) and with new ones "
        "(opened), and what went to other hands (left_book) and out of the bank (closed). before + grown + arrived + opened "
        "- left - closed = now, to the fen.",
        monthly=True,
    ),
    table(
        "report.standing",
        "month kind scheme standing",
        """month day; kind text; scheme text; standing int; customers big; aum money; contribution money""",
        "How many customers stand where under the value card (`kind` value: tenth within the segment, 10 is best, -1 "
        "without a score) and under managed scope (`kind` scope: 1 in scope, 0 out in this month), with their AUM and 12 "
        "months' contribution: what the lab foretold is held against it.",
        monthly=True,
    ),
)
