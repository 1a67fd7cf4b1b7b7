-- On which parts of the register (独居, 空巢, 留守 …) somebody is when a fact of her welfare visit is kept: the visits of
-- each group are counted by it. Older facts do not say.
ALTER TABLE due_facts ADD COLUMN register_flags text[];
ALTER TABLE counted_register ADD COLUMN groups text[] NOT NULL DEFAULT '{}';
