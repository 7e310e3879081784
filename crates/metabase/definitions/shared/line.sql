line AS (
    SELECT
        known.*,
        -- A total of lines of several categories leaves those that its lines belong to unknown.
        known.standing_in AND known.comparable = {undetailed} AS undetailed,
        known.covered AND known.comparable NOT IN ('', {undetailed}, {unrecognised})
            AND BOOL_OR(known.standing_in AND known.comparable = {undetailed})
                OVER (PARTITION BY known.fiscal_year, known.side, known.block_label) AS hidden
    FROM (
        SELECT
            line.fiscal_year,
            line.side,
            line.label,
            line.position,
            line.record,
            line.role,
            line.amount,
            line.amount_eur,
            line.counted_by_rule,
            line.nil,
            line.missing AS needed,
            COALESCE(line.harmonised_category, '') AS comparable,
            line.category AS block_label,
            -- Each euro once, or every published row.
            CASE
                WHEN {{basis}} = 'naive' OR line.counted_by_rule THEN line.amount
                WHEN line.nil THEN 0
            END AS taken,
            {{basis}} = 'leaf' AND line.side IS NOT NULL AND line.missing AS missing,
            {{basis}} = 'leaf' AND {{grouping}} = 'harmonised' AND line.counted_by_rule
                AND line.role IN ('total', 'heading') AS standing_in,
            {{basis}} = 'leaf' AND {{grouping}} = 'harmonised' AND line.role IN ('line', 'subtotal')
                AND NOT line.counted_by_rule AND NOT line.nil AND NOT line.missing AS covered,
            CASE {{grouping}}
                WHEN 'harmonised' THEN {category.harmonised}
                ELSE {category.published}
            END AS category
        FROM published.statement_line AS line
        JOIN shown USING (siren)
        LEFT JOIN {words.harmonised_category} AS harmonised (code, word)
            ON harmonised.code = line.harmonised_category
        LEFT JOIN {words.activity} AS activity (code, word) ON activity.code = line.activity
        WHERE TRUE [[AND line.activity = {{activity}}]]
    ) AS known
)
