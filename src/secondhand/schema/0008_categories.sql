-- A category by price: what most look for, without going through what others cost.

create index items_category_price_for_sale_idx on items (category, price, id) where state in ('available', 'reserved');
