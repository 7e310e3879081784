-- The lines on each basis are added up in a mart, which the analyses read.
DROP VIEW core_basis_line;
