"""`staging.fill_empty`: the first publication fills empty tables as a restore would, indexes made afterwards.

The run's login owns no table and may not touch an index; this function, the owner's, does it for an empty table alone
and makes each index and constraint anew from its own definition, in the same transaction. A table that was emptied in
the transaction needs no write-ahead log where the server keeps the minimal one. A constraint that another table refers
to stays, with its table as it is. The lock keeps readers out until the run commits: nothing is there to be read.
"""

from django.conf import settings
from django.db import migrations

FORWARD = """
CREATE FUNCTION staging.fill_empty(target regclass, stage regclass, names text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET maintenance_work_mem = '256MB'
AS $$
DECLARE
    listed text := (SELECT string_agg(format('%I', n.name), ', ' ORDER BY n.at)
                    FROM unnest(names) WITH ORDINALITY AS n(name, at));
    aside text[] := '{}';
    holds boolean;
    filled bigint;
    each record;
BEGIN
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', target);
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', target) INTO holds;
    IF holds THEN
        RAISE EXCEPTION 'table % is not empty', target;
    END IF;
    FOR each IN
        SELECT i.indexrelid::regclass AS name, pg_get_indexdef(i.indexrelid) AS made,
               own.conname AS own_name, pg_get_constraintdef(own.oid) AS own_made
        FROM pg_index AS i
        LEFT JOIN pg_constraint AS own ON own.conindid = i.indexrelid AND own.conrelid = i.indrelid
                                      AND own.contype IN ('p', 'u')
        WHERE i.indrelid = target
          AND NOT EXISTS (SELECT FROM pg_constraint AS f WHERE f.contype = 'f' AND f.conindid = i.indexrelid)
        ORDER BY i.indexrelid
    LOOP
        IF each.own_name IS NULL THEN
            EXECUTE format('DROP INDEX %s', each.name);
            aside := aside || each.made;
        ELSE
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', target, each.own_name);
            aside := aside || format('ALTER TABLE %s ADD CONSTRAINT %I %s', target, each.own_name, each.own_made);
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_constraint AS f WHERE f.contype = 'f' AND f.confrelid = target) THEN
        EXECUTE format('TRUNCATE %s', target);
    END IF;
    EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM %s', target, listed, listed, stage);
    GET DIAGNOSTICS filled = ROW_COUNT;
    SET CONSTRAINTS ALL IMMEDIATE;
    FOR at IN 1 .. cardinality(aside) LOOP
        EXECUTE aside[at];
    END LOOP;
    RETURN filled;
END $$;
REVOKE ALL ON FUNCTION staging.fill_empty(regclass, regclass, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION staging.fill_empty(regclass, regclass, text[]) TO {pipeline};
""".replace("{pipeline}", settings.GUANXI_ROLES["pipeline"])
BACKWARD = "DROP FUNCTION staging.fill_empty(regclass, regclass, text[])"


class Migration(migrations.Migration):
    dependencies = [("scores", "0002_row_security")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
