line AS (
    SELECT
        line.fiscal_year,
        line.side,
        line.label,
        line.position,
        line.record,
        -- Each euro once, or every published row.
        CASE
            WHEN {{basis}} = 'naive' OR line.counted_by_rule THEN line.amount
            WHEN line.nil THEN 0
        END AS taken,
        {{basis}} = 'leaf' AND line.missing AS missing,
        CASE {{grouping}}
            WHEN 'harmonised' THEN COALESCE(harmonised.word, activity.word, line.category)
            ELSE line.category
        END AS category
    FROM published.statement_line AS line
    JOIN shown USING (siren)
    LEFT JOIN {words.harmonised_category} AS harmonised (code, word) 
        ON harmonised.code = line.harmonised_category
    LEFT JOIN {words.activity} AS activity (code, word) ON activity.code = line.activity
    WHERE line.side IS NOT NULL [[AND line.activity = {{activity}}]]
)
