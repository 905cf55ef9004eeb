-- What was bought stays with its buyer, with the conversation about it, when its seller leaves, and goes when the buyer
-- leaves too. Its seller is then member 0, who is nobody: no name that one can sign up with has a blank like this in it.

create function keep_what_was_bought() returns trigger language plpgsql as $$
begin
  delete from items where seller_id = 0 and buyer_id = old.id;
  update items set bought_at = null where buyer_id = old.id;
  if exists (select from items where seller_id = old.id and buyer_id is not null) then
    insert into members (id, name, email, password, joined_at) values (0, U&'deleted\00A0member', '', '', null)
    on conflict do nothing;
    with bought as (
      update items set seller_id = 0, state = 'removed', changed_at = now()
      where seller_id = old.id and buyer_id is not null
      returning id, buyer_id
    )
    update messages
    set sender_id = case sender_id when old.id then 0 else sender_id end,
        recipient_id = case recipient_id when old.id then 0 else recipient_id end
    from bought where item_id = bought.id and other_id = bought.buyer_id;
  end if;
  return old;
end
$$;
create trigger members_keep_what_was_bought before delete on members
  for each row execute function keep_what_was_bought();
