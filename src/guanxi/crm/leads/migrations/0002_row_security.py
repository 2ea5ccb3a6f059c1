"""Row security on leads and opportunities, and the two questions of matching, which tell keys and no name.

A lead is there for who handed it in, who holds it (or covers for the holder), the head of its outlet, who has a step of
its battle map, and, while it is published and nobody's, for those who sit in that weekly meeting.
"""

from django.conf import settings
from django.db import migrations
from django.db.migrations import RunSQL

from guanxi.crm.organisation.row_security import (
    BOOK,
    LISTED,
    REACH,
    STAFF,
    UNITS,
    copies_follow_party,
    own_rows,
    scoped,
)

ME = f"(SELECT NULLIF(current_setting('{STAFF}', true), '')::bigint)"
SIGHT = f"(SELECT NULLIF(current_setting('{REACH}', true), ''))"


def _numbers(name: str) -> str:
    return f"(SELECT string_to_array(NULLIF(current_setting('{name}', true), ''), ',')::bigint[])::bigint[]"


HELD = f"(owner_id = {ME} OR owner_id = ANY({_numbers(BOOK)}))"
OF_UNIT = f"unit_id = ANY({_numbers(UNITS)})"
MEETING = f"""EXISTS (
    SELECT 1 FROM organisation_unitscope AS scope JOIN organisation_post AS post ON post.unit_id = scope.member_id
    WHERE scope.unit_id = leads_lead.board_id AND post.staff_id = {ME})"""
PUBLISHED = f"(state = 'publish' AND {SIGHT} IN ('book', 'units', 'bank') AND {MEETING})"
# Only the keys: the map's own policy asks for the lead, and the lead's may not ask back for the map.
MY_STEP = "leads_has_step(leads_lead.id)"
LEAD = f"({SIGHT} = 'bank' OR {OF_UNIT} OR {HELD} OR handed_by_id = {ME} OR {PUBLISHED} OR {MY_STEP})"
HAS_STEP = f"""
    CREATE FUNCTION leads_has_step(lead bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT EXISTS (SELECT 1 FROM leads_mapstep WHERE lead_id = lead AND staff_id = {ME})
    $$
"""


def _of_lead(table: str) -> str:
    return f"EXISTS (SELECT 1 FROM leads_lead AS seen WHERE seen.id = {table}.lead_id)"


# Narrower than the lead: not for those who merely see it published, nor for who looks at the whole bank.
SECRET = f"""EXISTS (SELECT 1 FROM leads_lead AS seen WHERE seen.id = leads_leadsecret.lead_id AND (
    seen.owner_id = {ME} OR seen.owner_id = ANY({_numbers(BOOK)}) OR seen.handed_by_id = {ME}
    OR seen.unit_id = ANY({_numbers(UNITS)})))"""
LOOK = (
    f"({own_rows()} OR EXISTS (SELECT 1 FROM leads_lead AS seen WHERE seen.id = lead_id AND seen.{OF_UNIT}))"
)
OPPORTUNITY = f"({LISTED} OR {HELD})"

_FOUND = "TABLE (party_id bigint, unit_id bigint, keeper_id bigint)"
CUSTOMERS = """
    CREATE FUNCTION leads_customers_of(tokens text[])
    RETURNS TABLE (token text, party_id bigint, unit_id bigint, keeper_id bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT DISTINCT ON (found.token) found.token, party.id, party.unit_id, party.keeper_id
        FROM (
            SELECT point.token, point.party_id FROM customers_contactpoint AS point WHERE point.token = ANY(tokens)
            UNION
            SELECT number.token, number.party_id FROM customers_identifier AS number WHERE number.token = ANY(tokens)
        ) AS found
        JOIN customers_party AS named ON named.id = found.party_id
        JOIN customers_party AS party ON party.id = COALESCE(named.merged_into_id, named.id)
        WHERE party.state = 'active'
        ORDER BY found.token, party.keeper_id IS NULL, party.id
    $$
"""
COMPANY = f"""
    CREATE FUNCTION leads_company_named(wanted text, part text) RETURNS {_FOUND}
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT party.id, party.unit_id, party.keeper_id
        FROM customers_namegram AS gram JOIN customers_party AS party ON party.id = gram.party_id
        WHERE gram.gram = part AND party.name = wanted AND party.kind <> 'person' AND party.state = 'active'
          AND party.merged_into_id IS NULL
        ORDER BY party.keeper_id IS NULL, party.id LIMIT 1
    $$
"""
FUNCTIONS = {
    "leads_has_step(bigint)": HAS_STEP,
    "leads_customers_of(text[])": CUSTOMERS,
    "leads_company_named(text, text)": COMPANY,
}


def _made(signature: str, text: str) -> RunSQL:
    """The function, for the app's login and the run's alone."""
    roles = f"{settings.GUANXI_ROLES['app']}, {settings.GUANXI_ROLES['pipeline']}"
    granted = (
        f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {signature} TO {roles}"
    )
    return RunSQL(f"{text}; {granted}", f"DROP FUNCTION {signature}")


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_initial"), ("customers", "0002_row_security")]
    operations = [
        *(_made(signature, text) for signature, text in FUNCTIONS.items()),
        scoped("leads_lead", LEAD),
        scoped("leads_leadsecret", SECRET),
        scoped("leads_leadlook", LOOK),
        scoped("leads_opportunity", OPPORTUNITY),
        copies_follow_party("leads_opportunity"),
        *(
            scoped(f"leads_{table}", _of_lead(f"leads_{table}"))
            for table in ("leadevent", "leadfeedback", "mapstep", "leaddelivery")
        ),
    ]
