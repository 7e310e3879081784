line AS (
    SELECT
        line.fiscal_year,
        line.side,
        line.label,
        line.position,
        line.record,
        -- Each euro once, or every published row.
        CASE
            WHEN {{basis}} = 'naive' OR line.counted THEN line.amount
            WHEN line.nil THEN 0
        END AS taken,
        {{basis}} = 'leaf' AND line.missing AS missing,
        CASE {{grouping}}
            WHEN 'harmonised' THEN COALESCE(harmonised.word, activity.word, line.category)
            ELSE line.category
        END AS category
    FROM core.statement_line AS line
    JOIN shown USING (revision_id, siren)
    LEFT JOIN {words.harmonised_category} AS harmonised (code, word) 
        -- Expense that was not recognised is a category of its own.
        ON harmonised.code = CASE
            WHEN line.side = 'expense' THEN COALESCE(line.harmonised, 'unrecognised')
            ELSE line.harmonised
        END
    LEFT JOIN {words.activity} AS activity (code, word) ON activity.code = line.activity
    WHERE line.side IS NOT NULL [[AND line.activity = {{activity}}]]
)
