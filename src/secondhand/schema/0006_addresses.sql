-- A link in a letter confirms the address that the letter went to; null: the member's own, as it was before.

alter table permits add email text;
