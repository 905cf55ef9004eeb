"""The SQL of members."""

from secondhand.security import sessions

ADD = """
    insert into members (name, email, password) values ($1, $2, $3)
    on conflict do nothing
    returning id
"""
# A row in any case, of nulls when nobody has that name or address.
FIND = """
    select id, name, password
    from lower($1) as asked left join members on lower(name) = asked or (lower(email) = asked and email_confirmed)
    order by lower(name) = asked desc limit 1
"""
SHOW = "select id, name, email, email_confirmed, password, about, joined_at from members where id = $1"
CHANGE_ABOUT = "update members set about = $2 where id = $1"
RENEW_HASH = "update members set password = $3 where id = $1 and password = $2"
DELETE = "delete from members where id = $1"
OWNER_OF = "select id, name, email from members where lower(email) = lower($1) and email_confirmed"
CONFIRM = """
    update members set email = coalesce($2, members.email), email_confirmed = true
    from members before
    where members.id = $1 and before.id = $1 and not exists (
      select from members other
      where lower(other.email) = lower(coalesce($2, before.email)) and other.email_confirmed and other.id <> $1
    )
    returning members.name, members.email, before.email as before, before.email_confirmed as was_confirmed
"""
WRITE_LETTER = "insert into letters (recipient, subject, text) values ($1, $2, $3)"
PERMIT = """
    with revoked as (delete from permits where member_id = $2 and purpose = $3)
    insert into permits (token_hash, member_id, purpose, expires_at, email)
    values ($1, $2, $3, now() + make_interval(hours => $4), $5)
"""
PERMITTED = """
    select name, members.email from permits join members on members.id = member_id
    where token_hash = $1 and purpose = $2 and expires_at > now()
"""
USE_PERMIT = """
    delete from permits where token_hash = $1 and purpose = $2 and expires_at > now() returning member_id, email
"""
# What who knew the old password, or reads the old address, may have asked for; the own address may still be confirmed.
REVOKE_FOREIGN_PERMITS = """
    delete from permits using members
    where members.id = $1 and member_id = $1 and (purpose = 'reset' or permits.email <> members.email)
"""
# With the old password ends whatever it has opened.
CHANGE_HASH = f"""
    with ended as ({sessions.END_ALL}), revoked as ({REVOKE_FOREIGN_PERMITS})
    update members set password = $2 where id = $1
"""  # noqa: S608
EXPORT = """
    select json_build_object(
      'member', (select to_jsonb(members) - 'password' from members where id = $1),
      'items', array(select to_jsonb(items) - 'words' from items where seller_id = $1 order by id),
      'photos', array(select to_jsonb(photos) from photos join items on items.id = item_id where seller_id = $1
                      order by item_id, position),
      'bought', array(select jsonb_build_object('id', id, 'title', title, 'price', price, 'bought_at', bought_at)
                      from items where buyer_id = $1 order by id),
      'favourites', array(select to_jsonb(favourites) from favourites where member_id = $1 order by added_at),
      'messages', array(select to_jsonb(messages) from messages where $1 in (sender_id, recipient_id) order by id),
      'reports', array(select to_jsonb(reports) from reports where reporter_id = $1 order by id),
      'sessions', array(select to_jsonb(sessions) - 'id_hash' - 'member_id' from sessions where member_id = $1)
    )::text
"""
