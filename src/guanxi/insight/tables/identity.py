"""Identity resolution: what is compared, pairs with their evidence, who is one person with whom, whose entry counts."""

from guanxi.insight.tables.shape import Table, table

BLOCKS = (
    "by_id", "by_id_a", "by_id_b", "by_id_c", "by_phone", "by_name_birth", "by_first_birth", "by_last_birth",
    "by_name_year",
    "by_name", "by_birth_address", "by_name_address", "by_street", "by_email", "by_email_local", "by_email_year",
    "by_name_employer", "by_birth",
)  # fmt: skip
LOOSE = frozenset({"by_birth"})
"""Rules of one common value: they bring few together, so that they cost nothing where there are many customers."""
FIELDS = ("name", "birth", "id", "phone", "address", "employer", "email", "sex")

IDENTITY: tuple[Table, ...] = (
    table(
        "core.link_name",
        "name",
        "name text; name_key text; name_sound text; name_order text; name_first text; name_last text; family text",
        "Each name once, as linkage compares it: folded, in pinyin, its words in any order.",
    ),
    table(
        "core.link_key",
        "customer_no",
        """customer_no text; party_key key; kind text; name_key text; name_sound text; name_order text
        name_first text; name_last text; birth text; sex text; employer text
        id_kind text; id_key text; id_valid flag; id_a text; id_b text; id_c text
        phone text; phone_other text; phone_a text; phone_b text; phone_c text
        email text; email_local text; email_domain text; email_head text; email_tail text; address text; address_words text; """
        + "; ".join(f"{name} text" for name in BLOCKS),
        "A person's number with what linkage compares and the values that bring pairs together (`by_…`). Phones, "
        "identity numbers and addresses stand as keyed tokens only.",
    ),
    table(
        "core.link_block",
        "rule value",
        "rule text; value text; records int",
        "Values that bring customers together, shared by two or more: how many share them. Those above the policy's "
        "cap bring nobody together.",
    ),
    table(
        "core.link",
        "left_no right_no",
        "left_no text; right_no text; left_key key; right_key key; posterior number; weight number; rule text; "
        "conflict flag; " + "; ".join(f"{field}_level text; {field}_weight number" for field in FIELDS),
        "Pairs that may be one person, with the evidence of each field: the level of agreement and its weight in "
        "bits. `rule`: identifier | model; `conflict`: two valid identifiers that differ.",
    ),
    table(
        "core.cluster",
        "member_key",
        """member_key key; customer_no text; party_key key; party_uuid text; bucket bucket; members int; decided_by text
        stopped_key key; stopped_reason text""",
        "Numbers that linkage or a person touched: the party each belongs to, by whose word (person | identifier | "
        "model), and the stopped group it stands in (`stopped_reason`: conflict | apart | many | loose).",
    ),
    table(
        "core.party_member",
        "customer_no",
        "customer_no text; own_key key; party_key key; party_uuid text; bucket bucket; decided_by text; "
        "keeper_no text; members int",
        "Each source number and the party it belongs to; `own_key` is the key the number alone would have.",
    ),
    table(
        "core.party_source",
        "party_key field",
        "party_key key; field text; customer_no text; updated_on day",
        "For parties of several numbers: whose entry of each field stands in core.party, and how old it is.",
    ),
    table(
        "core.household_hint",
        "left_key right_key",
        "left_key key; right_key key; family text; members int",
        "Persons of one family name at one address without a declared relation: a person confirms or declines.",
    ),
)
