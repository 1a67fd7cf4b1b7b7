-- How far a case nobody takes has gone up, and who of the family says to be with her: every console shows both.

ALTER TABLE alarm_cases
    ADD COLUMN escalation  text CHECK (escalation IN ('second_operator', 'supervisor')),
    ADD COLUMN attended_by text;
