-- The tenant at whose own host a session was opened, null for the installation's: it is a session at that tenant only, since
-- whoever runs the host may read the cookie.
alter table sessions add column door_tenant_id uuid;
