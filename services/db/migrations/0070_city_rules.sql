-- The rules of a city are changed on a page: who has read an older version is told so, and each change is in the audit.

ALTER TABLE order_rules ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE welfare_rules ADD COLUMN version integer NOT NULL DEFAULT 1;
