-- How long a dish may be in the box behind other meals; an order keeps what held when it was made.

ALTER TABLE dishes ADD COLUMN fresh_min integer CHECK (fresh_min BETWEEN 10 AND 240);  -- none: no limit

ALTER TABLE order_dishes ADD COLUMN fresh_min integer;
