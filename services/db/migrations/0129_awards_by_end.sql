-- Civil affairs read awards over all elders, the first to end first.
CREATE INDEX awards_by_end ON awards (until_day, id);
