-- One index finds all of what is looked for at once, among the newest or the cheapest first: beside the words of an
-- item it holds what filters ask for, and in which stretches of numbers and of prices the item lies.

-- Sixteen bands from a price to one 2.7 times as high; numeric, so that no version of a library rounds otherwise.
create function price_band(cents bigint) returns integer
  language sql immutable strict parallel safe
  return (16 * ln(cents + 1.0))::integer;

-- No word of a text begins with "=".
create function terms(id bigint, price bigint, category text, size text, colour text, condition text, brand text)
  returns tsvector language sql immutable strict parallel safe
  return array_to_tsvector(array[
    '=a' || (id >> 11)::text, '=b' || (id >> 14)::text, '=c' || (id >> 17)::text,
    '=p' || price_band(price)::text, '=q' || (price_band(price) >> 2)::text, '=r' || (price_band(price) >> 4)::text,
    '=category ' || left(category, 400), '=size ' || left(size, 400), '=colour ' || left(colour, 400),
    '=condition ' || left(condition, 400), '=brand ' || left(lower(brand), 400)]);

drop index items_size_for_sale_idx, items_colour_for_sale_idx, items_brand_idx;
alter table items drop words;
alter table items add words tsvector not null generated always as (
  setweight(to_tsvector('simple', plain(title)), 'A')
  || setweight(to_tsvector('english', plain(title)), 'A')
  || setweight(to_tsvector('simple', plain(brand || ' ' || category || ' ' || colour)), 'B')
  || setweight(to_tsvector('english', plain(brand || ' ' || category || ' ' || colour)), 'B')
  || setweight(to_tsvector('simple', plain(description)), 'C')
  || setweight(to_tsvector('english', plain(description)), 'C')
  || terms(id, price, category, size, colour, condition, brand)
) stored;
create index items_finder_idx on items using gin (words) with (fastupdate = off) where state <> 'removed';
create index items_finder_for_sale_idx on items
  using gin (words) with (fastupdate = off) where state in ('available', 'reserved');
