-- A public body is kept by its SIREN number; where the source tells its budgets apart, each budget is kept by its
-- SIRET number instead, whose first nine digits are the SIREN number. Budgets are never added to each other.

ALTER TABLE core.body ADD COLUMN budget text CHECK (budget IN ('main', 'attached', 'annex'));
COMMENT ON COLUMN core.body.budget IS 'What the budget is beside the others: main, attached or annex; empty where the source does not say.';
COMMENT ON COLUMN core.body.siren IS 'The SIREN number, or the SIRET number of one of its budgets where the source tells them apart; empty when not known.';

ALTER TABLE ops.dataset ADD COLUMN filter text;
ALTER TABLE ops.dataset ADD COLUMN reading text;
COMMENT ON COLUMN ops.dataset.filter IS 'Which records were asked for, as a condition in ODSQL; empty for all of them.';
COMMENT ON COLUMN ops.dataset.reading IS 'How its records were read, where something was set.';
