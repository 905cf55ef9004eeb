-- The old shop's tables, as they come from MySQL, become members and items; then they rest in the schema `legacy`.
-- Nothing is left out: an id that cannot be kept is kept as legacy_id, an unknown date stays unknown (null).

do $$
declare
  users bigint := (select count(*) from public."user");
  clothes bigint := (select count(*) from public.add_clothe);
  taken_users bigint;
  taken_clothes bigint;
  clashes text;
begin
  select string_agg(quote_literal(username), ', ') into clashes from (
    select username from public."user" old
    where exists (
        select from members
        where lower(name) = lower(old.username) or lower(email) = lower(old.email) or legacy_id = old.id
      ) or exists (
        select from public."user" other
        where other.id < old.id
          and (lower(other.username) = lower(old.username) or lower(other.email) = lower(old.email))
      )
    order by id limit 5
  ) as clashing;
  if clashes is not null then
    raise exception 'users of the old shop have a name or an e-mail address that a member has already: %; '
      'rename them in the old tables and run the upgrade again; nothing was changed', clashes;
  end if;

  insert into members (legacy_id, name, email, email_confirmed, password, is_moderator, joined_at)
  select id, username, email, true, password, is_admin::integer <> 0, created at time zone 'UTC'
  from public."user"
  order by created nulls first, id;
  get diagnostics taken_users = row_count;

  insert into items (legacy_id, legacy_image, seller_id, title, description, price, category, size, brand, condition,
                     colour, state, created_at)
  select clothe.id, nullif(clothe.image, ''), seller.id, clothe.name, coalesce(clothe.description, ''),
         (clothe.price * 100)::bigint, clothe.category, coalesce(clothe.size, ''), coalesce(clothe.brand, ''),
         coalesce(clothe."condition", ''), coalesce(clothe.colour, ''),
         case when clothe.sold::integer <> 0 then 'sold' else 'available' end, clothe.created at time zone 'UTC'
  from public.add_clothe clothe
  join members seller on seller.legacy_id = clothe.user_id
  order by clothe.created nulls first, clothe.id;
  get diagnostics taken_clothes = row_count;

  if (taken_users, taken_clothes) <> (users, clothes) then
    raise exception 'the old shop has % users and % clothes, but % and % would be taken over: clothes without an '
      'owner? Check add_clothe.user_id; nothing was changed', users, clothes, taken_users, taken_clothes;
  end if;
end
$$;

create schema if not exists legacy;
alter table public.add_clothe set schema legacy;
alter table public."user" set schema legacy;
