"""The SQL of messages."""

SEND = """
    insert into messages (item_id, other_id, sender_id, recipient_id, text) values ($1, $2, $3, $4, $5)
    returning id
"""
WRITE_LETTER = """
    insert into letters (recipient, subject, text)
    select email, $2, $3 from members where id = $1 and email_confirmed
"""
# Whoever asks is the seller or the other one, or there is nothing to see; and it is the other one who begins.
CONVERSATION = """
    select items.id, items.title, items.seller_id, seller.name as seller_name,
           other.id as other_id, other.name as other_name
    from items join members seller on seller.id = items.seller_id, members other
    where items.id = $2 and other.id = $3 and other.id <> items.seller_id and $1 in (items.seller_id, other.id)
      and (($1 = other.id and items.state <> 'removed')
           or exists (select from messages where item_id = $2 and other_id = $3))
"""
MOST_SHOWN = 200  # messages of a conversation, conversations of a member; the page says so
MESSAGES = """
    select sender_id, text, sent_at from messages
    where item_id = $1 and other_id = $2 order by id desc limit $3
"""
READ = """
    update messages set read_at = now()
    where item_id = $1 and other_id = $2 and recipient_id = $3 and read_at is null
"""
INBOX = """
    with mine as (
      select distinct on (item_id, other_id) * from (
        (select * from messages where sender_id = $1 order by id desc limit 1000)
        union all
        (select * from messages where recipient_id = $1 order by id desc limit 1000)
      ) as recent
      order by item_id, other_id, id desc
    )
    select mine.item_id, mine.other_id, mine.text, mine.sent_at, mine.sender_id = $1 as is_own,
           mine.recipient_id = $1 and mine.read_at is null as is_unread, items.title, people.name
    from mine join items on items.id = mine.item_id
    join members people on people.id = case when mine.sender_id = $1 then mine.recipient_id else mine.sender_id end
    order by mine.id desc limit $2
"""
