-- What is for sale, in each order: what was sold long ago costs those who look for something to buy nothing.

drop index items_category_idx, items_size_idx, items_colour_idx, items_brand_idx;
create index items_for_sale_idx on items (id) where state in ('available', 'reserved');
create index items_price_for_sale_idx on items (price, id) where state in ('available', 'reserved');
create index items_category_for_sale_idx on items (category, id) where state in ('available', 'reserved');
create index items_size_for_sale_idx on items (size, id) where state in ('available', 'reserved');
create index items_colour_for_sale_idx on items (colour, id) where state in ('available', 'reserved');

-- A brand is looked up among the sold ones too, and usually with other filters: all of them are answered in the index.
create index items_brand_idx on items (lower(brand), id)
  include (brand, category, size, colour, condition, price, state);
