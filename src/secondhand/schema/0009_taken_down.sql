-- What an item was before a moderator took it down, to be it again; null: it was taken down before this was kept.

alter table items add state_before text;
