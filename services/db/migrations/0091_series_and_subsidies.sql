-- A recurring order knows who pays for it: what the family was told, and what it wants when that ends.

ALTER TABLE series ADD COLUMN payers jsonb NOT NULL DEFAULT '[]';  -- as told: [day, codes of schemes] from that day on
ALTER TABLE series ADD COLUMN when_unpaid text NOT NULL DEFAULT 'go_on' CHECK (when_unpaid IN ('go_on', 'end'));

-- Until now an end by a subsidy was typed by hand: it stays, as the family's own. From now on it follows from the awards.
UPDATE series SET end_reason = 'family' WHERE end_reason = 'entitlement';
