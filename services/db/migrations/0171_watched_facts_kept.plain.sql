-- Figures of a day are asked for by the day as well (decision 43).
CREATE INDEX days_kept_day ON days_kept (day);
