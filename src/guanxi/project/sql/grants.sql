-- What the logins may do in one database of Guanxi. Run in that database; it belongs to guanxi_owner.
-- Tables that may only grow (the audit trail) take UPDATE and DELETE away again in their own migrations.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO guanxi_owner;
GRANT USAGE ON SCHEMA public TO guanxi_app, guanxi_pipeline;
ALTER DEFAULT PRIVILEGES FOR ROLE guanxi_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO guanxi_app, guanxi_pipeline;
ALTER DEFAULT PRIVILEGES FOR ROLE guanxi_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO guanxi_app, guanxi_pipeline;

-- COPY is refused on tables with row security, so the run copies here and merges from here.
CREATE SCHEMA IF NOT EXISTS staging AUTHORIZATION guanxi_owner;
GRANT USAGE, CREATE ON SCHEMA staging TO guanxi_pipeline;
ALTER DEFAULT PRIVILEGES FOR ROLE guanxi_owner IN SCHEMA staging
    GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES TO guanxi_pipeline;

-- The planner should know a night's rows at once. Servers before 17 leave that to autovacuum.
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 170000 THEN
        EXECUTE 'ALTER DEFAULT PRIVILEGES FOR ROLE guanxi_owner IN SCHEMA public GRANT MAINTAIN ON TABLES TO guanxi_pipeline';
    END IF;
END
$$;
