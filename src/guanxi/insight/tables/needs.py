"""What would help a customer next (下一需求): who holds which family, what peers took, which product fits whom."""

from guanxi.insight.tables.shape import Table, table

NEEDS: tuple[Table, ...] = (
    table(
        "feature.family_held",
        "party_key family",
        """party_key key; family text; bucket bucket; first_opened_on day; accounts_open int""",
        "Product families a customer has ever had, with the first day and how many accounts are open.",
    ),
    table(
        "feature.need_cell",
        "age_band area tier_rank family",
        """age_band text; area text; tier_rank int; family text; whole_bank flag; exposed big; takers big; rate number""",
        "Peers (same age band, area and tier): of those who did not have the family when the window began, how many took "
        "it since. `rate` mixes in the whole bank's rate, so that a cell of five says little.",
    ),
    table(
        "feature.need_product",
        "customer_grade professional senior family",
        """customer_grade text; professional flag; senior flag; family text; product_code text; product_name text
        product_grade text; answer text; products big""",
        "The product of a family to offer to customers of a grade: suitable, on sale, and the one most taken in the window. "
        "No row: nothing of that family may be offered to them.",
    ),
    table(
        "score.need_chance",
        "party_key family",
        "party_key key; family text; bucket bucket; chance number; served_by text",
        "The chance of taking a family next by the model of needs that is switched on; no rows while none serves.",
    ),
    table(
        "score.next_need",
        "party_key place",
        """party_key key; place int; bucket bucket; family text; product_code text; product_name text
        product_grade text; customer_grade text; answer text; rate number; exposed big; takers big
        own_reason text; own_amount money; own_day day; chance number""",
        "At most three families a customer may need next, the likeliest first, each with a suitable product on sale. `chance` "
        "is the model's where one serves, else NULL: then peers order. `answer` "
        "confirm: a second person must confirm. `own_reason`: maturing or idle, beside what peers do.",
    ),
)
