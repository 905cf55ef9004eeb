"""The SQL of moderation."""

from secondhand.items.queries import CARDS

REPORT = """
    insert into reports (item_id, reporter_id, reason, text)
    select id, $2, $3, $4 from items where id = $1 and state <> 'removed'
    returning id
"""
OPEN_REPORTS = """
    select reports.id, reports.reason, reports.text, reports.made_at, items.id as item_id, items.title, items.state,
           seller.id as seller_id, seller.name as seller_name, reporter.name as reporter_name
    from reports join items on items.id = reports.item_id join members seller on seller.id = items.seller_id
    left join members reporter on reporter.id = reports.reporter_id
    where decided_at is null order by reports.id limit 100
"""
CARDS_REPORTED = f"{CARDS} where items.id = any($1::bigint[])"
DECIDE = """
    update reports set decided_at = now() from items
    where items.id = reports.item_id and reports.item_id = (select item_id from reports where id = $1)
      and decided_at is null
    returning items.id, items.title, items.seller_id
"""
TAKE_DOWN = """
    update items set state = 'removed', removal_reason = $2, changed_at = now(),
                     state_before = case when state = 'removed' then state_before else state end
    where id = $1
"""
RESTORE = """
    update items set state = coalesce(state_before, case when buyer_id is null then 'available' else 'sold' end),
                     removal_reason = '', changed_at = now()
    where id = $1 and state = 'removed' and seller_id > 0
    returning id, title, seller_id
"""
LOG = "insert into audit_log (moderator, action, subject, reason) values ($1, $2, $3, $4)"
LOGGED = "select happened_at, moderator, action, subject, reason from audit_log order by id desc limit 100"
