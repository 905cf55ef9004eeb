-- The old shop's tables, as they come from MySQL, become members and items; then they rest in the schema `legacy`.
-- Nothing is left out: an id that cannot be kept is kept as legacy_id, an unknown date stays unknown (null).

insert into members (legacy_id, name, email, email_confirmed, password, is_moderator, joined_at)
select id, username, email, true, password, is_admin::integer <> 0, created at time zone 'UTC'
from public."user"
order by created nulls first, id;

insert into items (legacy_id, legacy_image, seller_id, title, description, price, category, size, brand, condition,
                   colour, state, created_at)
select clothe.id, nullif(clothe.image, ''), seller.id, clothe.name, coalesce(clothe.description, ''),
       (clothe.price * 100)::bigint, clothe.category, coalesce(clothe.size, ''), coalesce(clothe.brand, ''),
       coalesce(clothe."condition", ''), coalesce(clothe.colour, ''),
       case when clothe.sold::integer <> 0 then 'sold' else 'available' end, clothe.created at time zone 'UTC'
from public.add_clothe clothe
join members seller on seller.legacy_id = clothe.user_id
order by clothe.created nulls first, clothe.id;

create schema if not exists legacy;
alter table public.add_clothe set schema legacy;
alter table public."user" set schema legacy;
