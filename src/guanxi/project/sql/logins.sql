-- The three logins of Guanxi, once for a server. Run as a superuser.
--   owner     owns every table and migrates; nothing else signs in with it
--   app       web and worker: rows only, and only those that row security shows
--   pipeline  the nightly run: the same, and the staging schema it copies into
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'guanxi_owner') THEN CREATE ROLE guanxi_owner; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'guanxi_app') THEN CREATE ROLE guanxi_app; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'guanxi_pipeline') THEN CREATE ROLE guanxi_pipeline; END IF;
END
$$;
ALTER ROLE guanxi_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
ALTER ROLE guanxi_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app_password';
ALTER ROLE guanxi_pipeline LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'pipeline_password';
