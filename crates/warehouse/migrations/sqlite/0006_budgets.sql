-- A public body is kept by its SIREN number; where the source tells its budgets apart, each budget is kept by its
-- SIRET number instead, whose first nine digits are the SIREN number. Budgets are never added to each other.

-- What the budget is beside the others, where the source says so.
ALTER TABLE core_body ADD COLUMN budget TEXT CHECK (budget IN ('main', 'attached', 'annex'));

-- Which records were asked for, as a condition in ODSQL, and how they were read; empty where nothing was set.
ALTER TABLE ops_dataset ADD COLUMN filter TEXT;
ALTER TABLE ops_dataset ADD COLUMN reading TEXT;
