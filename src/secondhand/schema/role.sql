-- The role as which the site logs in: it reads and writes the rows of the shop's tables and can do nothing else.
-- Its name is in `shop.role`, and in `shop.verifier` what PostgreSQL keeps of its password.

do $$
declare
  site text := current_setting('shop.role');
  shop_table regclass;
begin
  if not exists (select from pg_roles where rolname = site) then
    execute format('create role %I', site);
  end if;
  execute format('alter role %I login password %L', site, current_setting('shop.verifier'));

  execute format('revoke create, temporary on database %I from public', current_database());
  revoke create on schema public from public;
  if has_schema_privilege(site, 'public', 'create')
     or has_database_privilege(site, current_database(), 'create, temporary') then
    raise exception 'the role % can still make tables: run the upgrade as the owner of the database, and take from the '
      'role what it was granted or is a member of; nothing was changed', site;
  end if;

  execute format('grant usage on schema public to %I', site);
  for shop_table in
    select oid from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and pg_has_role(relowner, 'usage')
  loop
    execute format('grant select, insert, update, delete on %s to %I', shop_table, site);
  end loop;
  -- Which version this is, and what moderators did, is not the site's to change.
  execute format('revoke insert, update, delete on schema_versions from %I', site);
  execute format('revoke update, delete on audit_log from %I', site);
end
$$;
