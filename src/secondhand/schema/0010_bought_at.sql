-- When somebody bought it. Its seller cannot take it away from the buyer at once, nor by offering it again before.

alter table items add bought_at timestamptz;
update items set bought_at = changed_at where buyer_id is not null;
