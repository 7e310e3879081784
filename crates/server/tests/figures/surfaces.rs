//! The surfaces of a view, and every number on them held against the plain sums.

use std::collections::BTreeMap;

use centime_analytics::Language;
use centime_render::Locale;
use serde_json::Value;

use super::statement::{Made, View, share};
use super::written::{Stated, Tally};

/// Texts of surfaces, by what they are.
pub type Answers = BTreeMap<String, String>;

/// The charts of a dashboard.
pub const CHARTS: [&str; 9] = [
    "result",
    "steps",
    "changes",
    "categories",
    "operating",
    "exceptional",
    "financial",
    "flow",
    "presence",
];

/// How much an amount changed; what one of the years does not have counts as nothing there.
pub fn difference(before: Option<i64>, after: Option<i64>) -> i64 {
    after.unwrap_or_default() - before.unwrap_or_default()
}

/// What is looked at, and what it is held against.
pub struct Check<'a> {
    pub made: &'a Made,
    pub view: &'a View,
    pub tally: Tally,
}

/// What a chart of years states: by series and year.
type Series = BTreeMap<String, BTreeMap<i64, Stated>>;

impl<'a> Check<'a> {
    /// Every number of some surfaces.
    pub fn all(made: &'a Made, view: &'a View, answers: &Answers) -> Tally {
        let mut check = Self {
            made,
            view,
            tally: Tally {
                french: view.french,
                ..Tally::default()
            },
        };
        for chart in CHARTS {
            let of = |form: &str| answers.get(&format!("{chart}.{form}"));
            if let Some(csv) = of("csv") {
                check.rows(chart, &table_of_csv(csv));
                if let Some(json) = of("json") {
                    check.tally.needs(
                        &format!("{chart}.json differs from CSV"),
                        table_of_json(json).rows == table_of_csv(csv).rows,
                    );
                    check.tally.numbers += table_of_csv(csv).numbers();
                }
                for form in ["xlsx", "parquet"] {
                    if let Some(file) = of(form) {
                        check.tally.needs(
                            &format!("{chart}.{form} differs from CSV"),
                            table_of_csv(file) == table_of_csv(csv),
                        );
                        check.tally.numbers += table_of_csv(csv).numbers();
                    }
                }
            }
            if let Some(option) = of("option") {
                check.option(chart, &serde_json::from_str(option).unwrap());
            }
            if let (Some(svg), Some(option)) = (of("svg"), of("option")) {
                check.drawing(&format!("{chart}.svg"), svg, option, true);
                let told = between(svg, "<desc id=\"told\">", "</desc>");
                let told = check.without_notes(chart, &unescaped(told));
                check.told(&format!("{chart}.svg"), chart, &told);
                let title = unescaped(between(svg, "<title id=\"title\">", "</title>"));
                super::answer::title(&mut check, &format!("{chart}.svg"), chart, &title);
            }
        }
        for name in ["dashboard.html", "embed.html"] {
            if let Some(page) = answers.get(name) {
                check.page(name, page, answers);
            }
        }
        if let Some(page) = answers.get("dashboard.html") {
            super::answer::page(&mut check, page);
        }
        if let Some(page) = answers.get("browser.html") {
            check.browser(page, answers);
        }
        if let Some(report) = answers.get("report.json") {
            super::report::check(&mut check, &serde_json::from_str(report).unwrap(), answers);
        }
        for (name, text) in answers {
            if let Some(analysis) = name.strip_prefix("analysis/") {
                super::analyses::check(&mut check, analysis, text, answers);
            }
        }
        for (name, text) in answers {
            if let Some(analysis) = name.strip_prefix("api/") {
                super::analyses::check_api(&mut check, analysis, text, answers);
            }
        }
        super::lines::check(&mut check, answers);
        if let Some(home) = answers.get("home.html") {
            super::analyses::home(&mut check, home);
        }
        check.tally
    }

    pub fn locale(&self) -> &'static Locale {
        Locale::of(if self.view.french {
            Language::French
        } else {
            Language::English
        })
    }

    /// An amount of a year in the measure of the view; `None` where it is not shown.
    fn stated(&self, year: i64, amount: i64, whole: i64) -> Option<Stated> {
        match self.view.unit {
            "percent" => {
                let revenue = self.made.revenue(self.view, year)?;
                (revenue > 0).then_some(Stated::Share(amount, revenue))
            }
            "share" => (whole > 0).then_some(Stated::Share(amount, whole)),
            _ => Some(Stated::Amount(amount)),
        }
    }

    fn years(&self) -> impl Iterator<Item = i64> + use<> {
        let (from, to) = (self.view.from, self.view.to);
        self.made
            .years()
            .into_iter()
            .filter(move |year| (from..=to).contains(year))
    }

    /// What a chart of years states.
    fn series(&self, chart: &str) -> Series {
        let column = |name: &str| self.locale().term("column", name).to_owned();
        let mut series = Series::new();
        let mut put = |name: String, year: i64, stated: Option<Stated>| {
            if let Some(stated) = stated {
                series.entry(name).or_default().insert(year, stated);
            }
        };
        let share_unit = self.view.unit == "share";
        let amount = |year: i64, amount: Option<i64>| {
            if share_unit {
                amount.map(Stated::Amount)
            } else {
                self.stated(year, amount?, 0)
            }
        };
        for year in self.years() {
            match chart {
                "result" => {
                    let totals = self.made.totals(self.view, year);
                    let within = self.view.category.is_some().then(|| self.view.shown_side());
                    match self.view.side.or(within) {
                        Some("revenue") => {
                            put(column("revenue"), year, amount(year, totals.revenue));
                        }
                        Some(_) => put(column("expense"), year, amount(year, totals.expense)),
                        None => put(column("result"), year, amount(year, totals.result)),
                    }
                }
                "categories" => {
                    let categories = self.made.categories(self.view, year);
                    if categories.values().any(|sum| sum.missing > 0) {
                        continue;
                    }
                    let whole: i64 = categories.values().map(|sum| sum.amount).sum();
                    for (name, sum) in categories {
                        put(
                            self.category(&name),
                            year,
                            self.stated(year, sum.amount, whole),
                        );
                    }
                }
                "operating" | "financial" | "exceptional" => {
                    super::analyses::activity(self, chart, year, &mut |name, stated| {
                        let stated = match stated {
                            Some(Stated::Amount(value)) => amount(year, Some(value)),
                            stated => stated,
                        };
                        put(column(name), year, stated);
                    });
                }
                _ => {}
            }
        }
        series
    }

    /// A category as it is shown.
    pub fn category(&self, name: &str) -> String {
        let locale = self.locale();
        let group = match (self.view.shown_side(), name) {
            (_, "unrecognised") => "harmonised_category",
            (_, "operating" | "financial" | "exceptional") => "activity_of",
            _ => return name.to_owned(),
        };
        locale.term(group, name).to_owned()
    }

    /// What stands for the smallest: how many, and the sum of what no other name has.
    fn others<K: Ord + Copy>(
        &mut self,
        at: &str,
        name: &str,
        all: &BTreeMap<String, BTreeMap<K, Stated>>,
        named: &[&str],
    ) -> BTreeMap<K, Stated> {
        let rest: Vec<&BTreeMap<K, Stated>> = all
            .iter()
            .filter(|(known, _)| !named.contains(&known.as_str()))
            .map(|(_, of)| of)
            .collect();
        let count = name.split_whitespace().next().unwrap_or_default();
        let found = i64::try_from(rest.len()).unwrap();
        self.tally
            .holds(&format!("{at}: {name}"), count, None, Stated::Count(found));
        let mut sums: BTreeMap<K, Stated> = BTreeMap::new();
        for of in rest {
            for (key, stated) in of {
                let sum = match (sums.get(key), stated) {
                    (Some(Stated::Amount(sum)), Stated::Amount(more)) => Stated::Amount(sum + more),
                    (Some(Stated::Share(sum, whole)), Stated::Share(more, _)) => {
                        Stated::Share(sum + more, *whole)
                    }
                    _ => *stated,
                };
                sums.insert(*key, sum);
            }
        }
        sums
    }

    /// What the names of an option state, the sum of others included.
    fn with_others(&mut self, at: &str, mut all: Series, names: &[&str]) -> Series {
        let unknown: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| !all.contains_key(*name))
            .collect();
        for name in unknown {
            if name.starts_with(|letter: char| letter.is_ascii_digit()) {
                let others = self.others(at, name, &all, names);
                all.retain(|known, _| names.contains(&known.as_str()));
                all.insert(name.to_owned(), others);
            } else {
                self.tally
                    .wrong(format!("{at}: nothing is known of «{name}»"));
            }
        }
        all
    }

    /// Every number that a browser is sent of a chart.
    fn option(&mut self, chart: &str, option: &Value) {
        let at = format!("{chart}.option");
        let unit = self.axes(&at, option);
        match chart {
            "result" | "categories" | "operating" | "exceptional" | "financial" => {
                self.years_option(&at, chart, option, unit);
            }
            "steps" => self.steps_option(&at, option, unit),
            "changes" => self.changes_option(&at, option, unit),
            "flow" => self.flow_option(&at, option),
            _ => {}
        }
    }

    /// The ticks of the axes: each says exactly where it is. Gives the unit of the first.
    fn axes(&mut self, at: &str, option: &Value) -> Option<i128> {
        let mut first = None;
        for axis in ["xAxis", "yAxis"]
            .into_iter()
            .filter_map(|axis| option[axis].as_array())
            .flatten()
        {
            let Some(texts) = axis["texts"].as_object() else {
                continue;
            };
            let mut ticks: Vec<(i64, &str)> = texts
                .iter()
                .map(|(value, text)| (value.parse().unwrap(), text.as_str().unwrap()))
                .collect();
            ticks.sort_unstable();
            let top = super::written::Printed::read(ticks[ticks.len() - 1].1, self.view.french);
            let size = top.and_then(|top| top.size);
            self.tally
                .needs(&format!("{at}: an axis without a unit"), size.is_some());
            first = first.or(size);
            for (value, text) in ticks {
                let read = super::written::Printed::read(text, self.view.french).unwrap();
                let said = read.digits * size.unwrap_or(1);
                self.tally.numbers += 1;
                if said != i128::from(value) * 10_i128.pow(read.decimals) {
                    self.tally
                        .wrong(format!("{at}: the tick «{text}» is at {value}"));
                }
            }
        }
        first
    }

    fn years_option(&mut self, at: &str, chart: &str, option: &Value, unit: Option<i128>) {
        let Some(tips) = option["tips"].as_array() else {
            return;
        };
        let names: Vec<&str> = option["series"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|series| series["name"].as_str())
            .collect();
        let mut names = names;
        names.dedup();
        let series = self.series(chart);
        let series = self.with_others(at, series, &names);
        let years: Vec<i64> = tips
            .iter()
            .map(|tip| tip["title"].as_str().unwrap().parse().unwrap())
            .collect();
        let mut told = 0;
        for (tip, year) in tips.iter().zip(&years) {
            for row in tip["rows"].as_array().unwrap() {
                let (name, printed) = (row[0].as_str().unwrap(), row[1].as_str().unwrap());
                match series.get(name).and_then(|of| of.get(year)) {
                    Some(stated) => {
                        told += 1;
                        self.tally.holds(
                            &format!("{at}: tip of {name} {year}"),
                            printed,
                            None,
                            *stated,
                        );
                    }
                    None if printed.contains(|letter: char| letter.is_ascii_digit()) => {
                        self.tally
                            .wrong(format!("{at}: {name} {year} says «{printed}»"));
                    }
                    None => {}
                }
            }
        }
        let known: usize = series.values().map(BTreeMap::len).sum();
        self.tally.needs(
            &format!("{at}: {told} of {known} figures are told"),
            told == known,
        );
        for one in option["series"].as_array().unwrap() {
            let Some(name) = one["name"].as_str() else {
                continue;
            };
            for (datum, year) in one["data"].as_array().unwrap().iter().zip(&years) {
                let Some(stated) = series.get(name).and_then(|of| of.get(year)) else {
                    continue;
                };
                if let Some(text) = datum["text"].as_str() {
                    self.tally.holds(
                        &format!("{at}: label of {name} {year}"),
                        text,
                        unit,
                        *stated,
                    );
                }
                if let Some(drawn) = datum["value"].as_i64() {
                    self.drawn(&format!("{at}: mark of {name} {year}"), drawn, *stated);
                }
            }
        }
    }

    /// Where a mark is.
    fn drawn(&mut self, at: &str, drawn: i64, stated: Stated) {
        let expected = match stated {
            Stated::Amount(value) | Stated::Rate(value) | Stated::Count(value) => Some(value),
            Stated::Share(part, whole) => share(part, whole),
        };
        self.tally.numbers += 1;
        if Some(drawn) != expected {
            self.tally
                .wrong(format!("{at} is at {drawn}, not at {expected:?}"));
        }
    }

    /// What the steps state, by name.
    fn steps(&self) -> BTreeMap<String, BTreeMap<i64, Stated>> {
        let year = self.view.focus;
        let view = self.view.both_sides();
        let totals = self.made.totals(&view, year);
        let result = totals.result.filter(|_| !self.made.flow(&view).is_empty());
        let Some(result) = result else {
            return BTreeMap::new();
        };
        let mut all: Vec<(String, i64)> = vec![
            (
                self.locale().term("column", "revenue").to_owned(),
                totals.revenue.unwrap_or(0),
            ),
            (self.balance(), result),
        ];
        let expense = View {
            side: Some("expense"),
            ..view.clone()
        };
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for line in &self.made.lines {
            let dropped = view.naive && line.amount.is_some_and(|amount| amount < 0);
            if line.year == year
                && expense.has(line)
                && !dropped
                && let Some(amount) = line.amount
            {
                *sums.entry(self.category(view.group(line))).or_insert(0) -= amount;
            }
        }
        all.extend(sums);
        all.into_iter()
            .filter_map(|(name, amount)| {
                let unit = if self.view.unit == "share" {
                    Some(Stated::Amount(amount))
                } else {
                    self.stated(year, amount, 0)
                };
                Some((name, BTreeMap::from([(year, unit?)])))
            })
            .collect()
    }

    /// What is left, as it is called.
    fn balance(&self) -> String {
        let (group, name) = if self.view.naive || self.view.is_partial() {
            ("chart.flow", "balance")
        } else {
            ("column", "result")
        };
        self.locale().term(group, name).to_owned()
    }

    fn steps_option(&mut self, at: &str, option: &Value, unit: Option<i128>) {
        let Some(spans) = option["series"][1]["data"].as_array() else {
            return;
        };
        let names: Vec<&str> = spans
            .iter()
            .map(|span| span["tip"]["title"].as_str().unwrap())
            .collect();
        let steps = self.steps();
        let steps = self.with_others(at, steps, &names);
        self.tally.needs(
            &format!("{at}: steps are missing"),
            steps.len() == spans.len(),
        );
        for span in spans {
            let name = span["tip"]["title"].as_str().unwrap();
            let Some(stated) = steps.get(name).and_then(|of| of.get(&self.view.focus)) else {
                continue;
            };
            let tip = span["tip"]["rows"][0][1].as_str().unwrap();
            self.tally
                .holds(&format!("{at}: tip of {name}"), tip, None, *stated);
            self.tally.holds(
                &format!("{at}: label of {name}"),
                span["text"].as_str().unwrap(),
                unit,
                *stated,
            );
        }
    }

    /// Whether what changed is told line by line: where both years can be held against each other.
    pub fn is_by_line(&self) -> bool {
        let view = self.view;
        let whole = View {
            activity: None,
            ..view.both_sides()
        };
        let known = |year| self.made.totals(&whole, year).result.is_some();
        let comparable = !view.naive && !view.harmonised && view.category.is_none();
        comparable && view.focus != view.against && known(view.focus) && known(view.against)
    }

    /// What each line of the view was and is: by side, category and label.
    pub fn line_changes(&self) -> BTreeMap<(&'static str, String, String), [Option<i64>; 2]> {
        let view = self.view;
        let mut sums: BTreeMap<(&'static str, String, String), [Option<i64>; 2]> = BTreeMap::new();
        for line in self.made.lines.iter().filter(|line| view.has(line)) {
            let years = [view.against, view.focus];
            let Some(place) = years.iter().position(|year| *year == line.year) else {
                continue;
            };
            let Some(amount) = line.amount else { continue };
            let key = (line.side, line.category.clone(), line.label.clone());
            let sum = &mut sums.entry(key).or_default()[place];
            *sum = Some(sum.unwrap_or_default() + amount);
        }
        sums.retain(|_, [before, after]| before.unwrap_or_default() != after.unwrap_or_default());
        sums
    }

    /// What the changes state, each with its name: before and after.
    pub fn changes(&self) -> Vec<(String, Option<i64>, Option<i64>)> {
        if self.is_by_line() {
            let named = |side: &str, label: &str| {
                let place = self.locale().term("sides", side);
                let values = [("name", label), ("place", place)];
                match self.view.side {
                    None => self.locale().fill("chart.name_in", &values),
                    Some(_) => label.to_owned(),
                }
            };
            return self
                .line_changes()
                .into_iter()
                .map(|((side, _, label), [before, after])| (named(side, &label), before, after))
                .collect();
        }
        let of = |year| self.made.categories(self.view, year);
        let (before, after) = (of(self.view.against), of(self.view.focus));
        before
            .iter()
            .filter_map(|(name, before)| {
                let after = after.get(name)?.known()?;
                Some((self.category(name), Some(before.known()?), Some(after)))
            })
            .collect()
    }

    /// The change of a name that is printed like this, or of which something else is printed.
    fn change_of(
        &self,
        is_it: impl Fn(&str) -> bool,
        printed: &str,
        unit: Option<i128>,
    ) -> Option<(Option<i64>, Option<i64>)> {
        let all = self.changes();
        let mut found = all.iter().filter(|(name, ..)| is_it(name));
        let states_it = |(_, before, after): &&(String, Option<i64>, Option<i64>)| {
            let stated = Stated::Amount(difference(*before, *after));
            super::written::states(printed, self.view.french, unit, stated).is_ok()
        };
        let right = found.clone().find(states_it);
        right
            .or_else(|| found.next())
            .map(|(_, before, after)| (*before, *after))
    }

    fn changes_option(&mut self, at: &str, option: &Value, unit: Option<i128>) {
        let Some(bars) = option["series"][0]["data"].as_array() else {
            return;
        };
        for bar in bars {
            let name = bar["tip"]["title"].as_str().unwrap();
            let printed = bar["text"].as_str().unwrap();
            let found = self.change_of(|known| known == name, printed, unit);
            let Some((before, after)) = found else {
                self.tally
                    .wrong(format!("{at}: nothing is known of «{name}»"));
                continue;
            };
            let change = difference(before, after);
            let stated = Stated::Amount(change);
            self.tally
                .holds(&format!("{at}: label of {name}"), printed, unit, stated);
            self.drawn(
                &format!("{at}: mark of {name}"),
                bar["value"].as_i64().unwrap(),
                stated,
            );
            let rows = bar["tip"]["rows"].as_array().unwrap();
            let all: Vec<i64> = [before, after, Some(change)]
                .into_iter()
                .flatten()
                .collect();
            for (row, amount) in rows.iter().zip(&all) {
                self.tally.holds(
                    &format!("{at}: tip of {name}"),
                    row[1].as_str().unwrap(),
                    None,
                    Stated::Amount(*amount),
                );
            }
            let rate = before
                .zip(after)
                .and_then(|(before, _)| share(change, before));
            if let (Some(row), Some(rate)) = (rows.get(all.len()), rate) {
                self.tally.holds_exactly(
                    &format!("{at}: rate of {name}"),
                    row[1].as_str().unwrap(),
                    Some(rate),
                );
            }
        }
    }

    /// What the streams state, by the label of their line; and the totals.
    fn streams(&self) -> BTreeMap<String, i64> {
        let mut all: BTreeMap<String, i64> = BTreeMap::new();
        for ((_, _, label), amount) in self.made.flow(self.view) {
            *all.entry(label).or_insert(0) += amount;
        }
        all
    }

    /// What a stream or a total of the flow says.
    fn flow_figure(
        &mut self,
        at: &str,
        name: &str,
        printed: &str,
        named: &[String],
        from: Option<bool>,
    ) {
        let year = self.view.focus;
        let totals = self.made.totals(&self.view.both_sides(), year);
        let locale = self.locale();
        let flow = |key: &str| locale.term("chart.flow", key).to_owned();
        let lines = self.streams();
        let name = name.trim();
        let label = lines.keys().find(|label| name.ends_with(label.as_str()));
        let amount = if let Some(label) = label {
            Some(lines[label])
        } else if [flow("short"), flow("left"), flow("below"), flow("above")]
            .iter()
            .any(|known| name.ends_with(known.as_str()))
        {
            let below = name.ends_with(&flow("short")) || name.ends_with(&flow("below"));
            let result = totals.result.filter(|result| (*result < 0) == below);
            result.map(i64::abs)
        } else if name.ends_with(&self.balance()) {
            totals.result
        } else if name.ends_with(locale.term("column", "revenue")) {
            totals.revenue
        } else if name.ends_with(locale.term("column", "expense")) {
            totals.expense
        } else if let Some(digit) = name.find(|letter: char| letter.is_ascii_digit()) {
            // Those that have no stream of their own, on this side and of this sign.
            let (sources, below) = (from.unwrap_or(true), printed.contains('\u{2212}'));
            let sides = self.made.flow(self.view);
            let rest: Vec<i64> = sides
                .iter()
                .filter(|((side, _, label), amount)| {
                    let own = (*side == "revenue") == sources;
                    **amount != 0
                        && (**amount < 0) == below
                        && own != below
                        && !named.iter().any(|known| known.ends_with(label.as_str()))
                })
                .map(|(_, amount)| *amount)
                .collect();
            let count = name[digit..].split_whitespace().next().unwrap_or_default();
            let found = i64::try_from(rest.len()).unwrap();
            self.tally
                .holds(&format!("{at}: {name}"), count, None, Stated::Count(found));
            Some(rest.iter().sum())
        } else {
            None
        };
        let stated = amount.and_then(|amount| {
            if self.view.unit == "share" {
                Some(Stated::Amount(amount))
            } else {
                self.stated(year, amount, 0)
            }
        });
        match stated {
            Some(stated) => self
                .tally
                .holds(&format!("{at}: {name}"), printed, None, stated),
            None => self.tally.wrong(format!(
                "{at}: nothing is known of «{name}», which says «{printed}»"
            )),
        }
    }

    fn flow_option(&mut self, at: &str, option: &Value) {
        let series = &option["series"][0];
        let (Some(nodes), Some(links)) = (series["data"].as_array(), series["links"].as_array())
        else {
            return;
        };
        let named: Vec<String> = nodes
            .iter()
            .filter_map(|node| Some(node["tip"]["title"].as_str()?.to_owned()))
            .collect();
        let mut sides = [0_i64, 0];
        for link in links {
            let into = link["target"] == "centre";
            sides[usize::from(!into)] += link["value"].as_i64().unwrap();
            let node = if into {
                &link["source"]
            } else {
                &link["target"]
            };
            let node = nodes.iter().find(|known| known["name"] == *node).unwrap();
            let name = node["tip"]["title"].as_str().unwrap();
            let (_, printed) = node["text"].as_str().unwrap().rsplit_once("  ").unwrap();
            for (of, printed) in [
                ("label", printed),
                ("tip", node["tip"]["rows"][0][1].as_str().unwrap()),
                (
                    "tip of the stream",
                    link["tip"]["rows"][0][1].as_str().unwrap(),
                ),
            ] {
                self.flow_figure(&format!("{at}: {of}"), name, printed, &named, Some(into));
            }
        }
        self.tally.needs(
            &format!("{at}: the sides are not equal: {sides:?}"),
            sides[0] == sides[1],
        );
        let centre = &nodes[0];
        for part in centre["text"].as_str().unwrap().split(" · ") {
            let (name, printed) = part.rsplit_once(' ').unwrap();
            self.flow_figure(&format!("{at}: centre"), name, printed, &named, None);
        }
        for row in centre["tip"]["rows"].as_array().unwrap() {
            self.flow_figure(
                &format!("{at}: tip of the centre"),
                row[0].as_str().unwrap(),
                row[1].as_str().unwrap(),
                &named,
                None,
            );
        }
    }

    /// What a document tells, without the notes that follow. Those that count are the right ones, else they are
    /// left for others to stumble over.
    fn without_notes(&mut self, chart: &str, told: &str) -> String {
        let locale = self.locale();
        let count = |number: usize| i64::try_from(number).unwrap();
        let below = self
            .made
            .flow(self.view)
            .values()
            .filter(|amount| **amount < 0)
            .count();
        let changed = self
            .changes()
            .iter()
            .filter(|(_, before, after)| difference(*before, *after) != 0)
            .count();
        let mut notes: Vec<String> = [
            "below_zero",
            "no_revenue",
            "no_share",
            "nothing",
            "only_in_one",
            "caption_break",
            "rounded",
        ]
        .into_iter()
        .map(|note| locale.term("chart", note).to_owned())
        .collect();
        for year in ["year_incomplete", "all_zero", "plain_nothing"] {
            let key = format!("chart.{year}");
            notes.push(locale.fill(&key, &[("year", &self.view.focus.to_string())]));
        }
        let years = [
            ("before", &*self.view.against.to_string()),
            ("after", &*self.view.focus.to_string()),
        ];
        notes.push(locale.fill("chart.no_change", &years));
        match chart {
            "flow" => notes.push(locale.count("chart.flow_below", count(below))),
            "changes" => {
                notes.push(locale.count("chart.more_changes", count(changed.saturating_sub(16))));
            }
            _ => {}
        }
        let mut told = told.trim().to_owned();
        while let Some(note) = notes.iter().find(|note| told.ends_with(note.as_str())) {
            self.tally.numbers += 1;
            told.truncate(told.len() - note.len());
            told.truncate(told.trim_end().len());
        }
        told
    }

    /// Every number of a text that tells what a chart shows.
    pub fn told(&mut self, at: &str, chart: &str, told: &str) {
        let at = format!("{at}: told");
        let (told, _) = told.split_once(&self.doubts()).unwrap_or((told, ""));
        let chunks: Vec<String> = told
            .replace("\u{a0};", ";")
            .replace("\u{a0}:", ":")
            .split("; ")
            .flat_map(|part| part.split(". ").map(str::to_owned).collect::<Vec<_>>())
            .map(|part| part.trim_end_matches('.').to_owned())
            .collect();
        let pairs: Vec<(String, String)> = chunks
            .iter()
            .map(|chunk| {
                let (name, value) = chunk.rsplit_once(": ").unwrap_or(("", chunk));
                (name.to_owned(), value.to_owned())
            })
            .collect();
        match chart {
            "flow" => {
                let named: Vec<String> = pairs.iter().map(|(name, _)| name.clone()).collect();
                let goes = self
                    .locale()
                    .fill("chart.alt_destinations", &[("destinations", "|")]);
                let goes = goes
                    .split(['\u{a0}', ':'])
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                let mut sources = true;
                for (name, printed) in &pairs {
                    sources &= !name.starts_with(&goes);
                    if !name.is_empty() {
                        self.flow_figure(&at, name, printed, &named, Some(sources));
                    }
                }
            }
            "steps" => {
                let names: Vec<&str> = pairs
                    .iter()
                    .map(|(name, _)| name.as_str())
                    .filter(|name| !name.is_empty())
                    .collect();
                let steps = self.steps();
                let steps = self.with_others(&at, steps, &names);
                for (name, printed) in &pairs {
                    if let Some(stated) = steps.get(name).and_then(|of| of.get(&self.view.focus)) {
                        self.tally
                            .holds(&format!("{at}: {name}"), printed, None, *stated);
                    }
                }
            }
            "changes" => {
                for (name, printed) in &pairs {
                    let found = self.change_of(|known| name.ends_with(known), printed, None);
                    match found {
                        Some((before, after)) => {
                            self.tally.holds(
                                &format!("{at}: {name}"),
                                printed,
                                None,
                                Stated::Amount(difference(before, after)),
                            );
                        }
                        None if name.is_empty() || printed.is_empty() => {}
                        None => self
                            .tally
                            .wrong(format!("{at}: nothing is known of «{name}»: «{printed}»")),
                    }
                }
            }
            "presence" => {}
            _ => self.told_of_years(&at, chart, &pairs),
        }
    }

    fn told_of_years(&mut self, at: &str, chart: &str, pairs: &[(String, String)]) {
        let series = self.series(chart);
        if chart == "categories" {
            let year = series.values().flat_map(BTreeMap::keys).max().copied();
            let strip = |name: &str| match (name.split_once(": "), year) {
                (Some((head, name)), Some(year)) if head == year.to_string() => name.to_owned(),
                _ => name.to_owned(),
            };
            let pairs: Vec<(String, &str)> = pairs
                .iter()
                .map(|(name, value)| (strip(name), value.as_str()))
                .collect();
            let names: Vec<&str> = pairs
                .iter()
                .map(|(name, _)| name.as_str())
                .filter(|name| !name.is_empty())
                .collect();
            let Some(year) = year else { return };
            let others: Vec<Stated> = series
                .iter()
                .filter(|(known, _)| !names.contains(&known.as_str()))
                .filter_map(|(_, of)| of.get(&year).copied())
                .collect();
            let others = others.into_iter().reduce(|one, other| match (one, other) {
                (Stated::Share(one, whole), Stated::Share(other, _)) => {
                    Stated::Share(one + other, whole)
                }
                (Stated::Amount(one), Stated::Amount(other)) => Stated::Amount(one + other),
                (one, _) => one,
            });
            for (name, printed) in &pairs {
                if let Some(stated) = series.get(name).and_then(|of| of.get(&year)) {
                    self.tally
                        .holds(&format!("{at}: {name} {year}"), printed, None, *stated);
                } else if name.starts_with(|letter: char| letter.is_ascii_digit())
                    && let Some(others) = others
                {
                    self.tally
                        .holds(&format!("{at}: {name} {year}"), printed, None, others);
                } else if !name.is_empty() {
                    self.tally
                        .wrong(format!("{at}: nothing is known of «{name}» {year}"));
                }
            }
            self.tally.needs(
                &format!("{at}: says nothing"),
                series.is_empty() || !names.is_empty(),
            );
            return;
        }
        let mut name = String::new();
        let mut told = 0;
        for (head, value) in pairs {
            if !head.is_empty() {
                name.clone_from(head);
            }
            let Some((year, printed)) = value.split_once(", ") else {
                continue;
            };
            let Ok(year) = year.parse::<i64>() else {
                continue;
            };
            match series.get(&name).and_then(|of| of.get(&year)) {
                Some(stated) => {
                    told += 1;
                    self.tally
                        .holds(&format!("{at}: {name} {year}"), printed, None, *stated);
                }
                None if printed.contains(|letter: char| letter.is_ascii_digit()) => {
                    self.tally
                        .wrong(format!("{at}: {name} {year} says «{printed}»"));
                }
                None => {}
            }
        }
        let known: usize = series.values().map(BTreeMap::len).sum();
        self.tally.needs(
            &format!("{at}: {told} of {known} figures are told"),
            told == known,
        );
    }

    /// How the sentence begins that says which checks cast doubt on the figures.
    fn doubts(&self) -> String {
        let sentence = self.locale().text("doubt.text");
        let begins = sentence.split(['\u{a0}', ':']).next();
        begins.unwrap_or_default().to_owned()
    }

    /// The texts of a drawing are those of its option, or stand around it.
    pub fn drawing(&mut self, at: &str, svg: &str, option: &str, alone: bool) {
        let mut known = Vec::new();
        texts_of(&serde_json::from_str(option).unwrap(), &mut known);
        let around = if alone { unescaped(svg) } else { String::new() };
        let told = between(&around, "<desc id=\"told\">", "</desc>");
        let title = between(&around, "<title id=\"title\">", "</title>").to_owned();
        // Where a document comes from is said last, in as many lines as it takes.
        let texts = texts_of_svg(svg).into_iter();
        let doubts = self.doubts();
        let last = |text: &String| text.starts_with("Source") || text.starts_with(&doubts);
        for text in texts.take_while(|text| !(alone && last(text))) {
            if !text.contains(|letter: char| letter.is_ascii_digit()) {
                continue;
            }
            self.tally.numbers += 1;
            let drawn = known
                .iter()
                .any(|known| known.split('\n').any(|line| line == text));
            // A note has its numbers in the description, too.
            // What is measured is told first, and below the title in which unit, too.
            let measure = text
                .rsplit_once(", ")
                .map_or(&*text, |(measure, _)| measure);
            let noted = alone && (told.contains(measure) || title.contains(&text));
            self.tally.needs(
                &format!("{at}: «{text}» is not of its option"),
                drawn || noted,
            );
        }
    }

    /// The texts of the drawings for narrow places are those of the option, in lines as long as the place.
    fn narrow(&mut self, at: &str, part: &str, option: &str) {
        let mut known = Vec::new();
        texts_of(&serde_json::from_str(option).unwrap(), &mut known);
        let joined: Vec<String> = known.iter().map(|text| text.replace('\n', " ")).collect();
        for svg in part.split("<svg class=\"narrow\"").skip(1) {
            let svg = between(&format!(" >{svg}"), ">", "</svg>").to_owned();
            for text in texts_of_svg(&svg) {
                // What has no room is cut, which leaves its beginning.
                let text = text.trim_end_matches('…').trim_end();
                if !text.contains(|letter: char| letter.is_ascii_digit()) {
                    continue;
                }
                self.tally.numbers += 1;
                self.tally.needs(
                    &format!("{at}: «{text}» of the narrow drawing is not of its option"),
                    joined.iter().any(|known| known.contains(text)),
                );
            }
        }
    }

    /// Every number of the charts and tables of a page.
    fn page(&mut self, at: &str, page: &str, answers: &Answers) {
        let mut found = 0;
        for part in page.split("<figure class=\"chart\" id=\"chart-").skip(1) {
            let chart = part.split('"').next().unwrap();
            found += 1;
            let of = |form: &str| answers.get(&format!("{chart}.{form}"));
            let at = format!("{at}: {chart}");
            if let Some((_, rest)) =
                part.split_once("<svg class=\"drawing\" role=\"img\" aria-label=\"")
            {
                let label = unescaped(rest.split('"').next().unwrap());
                let (_, told) = label.split_once(". ").unwrap_or_default();
                self.told(&at, chart, told);
                if let Some(option) = of("option") {
                    self.drawing(
                        &at,
                        between(part, "<svg class=\"drawing\"", "</svg>"),
                        option,
                        false,
                    );
                }
            }
            if let Some(option) = of("option") {
                self.narrow(&at, part, option);
                self.tally.needs(
                    &format!("{at}: there is no drawing for narrow places"),
                    part.contains("<svg class=\"narrow\""),
                );
            }
            if let (Some(csv), "presence") = (of("csv"), chart) {
                self.tally.needs(
                    &format!("{at}: no table"),
                    csv.is_empty() || part.contains("<table"),
                );
            } else if let Some(csv) = of("csv") {
                let shown = Shown::of(self, &table_of_csv(csv));
                self.html_table(&at, between(part, "<table", "</table>"), &shown);
            }
        }
        self.tally
            .needs(&format!("{at}: there is no chart"), found > 0);
    }

    /// The table of a chart on a page.
    fn html_table(&mut self, at: &str, table: &str, shown: &Shown) {
        let rows: Vec<Vec<String>> = between(table, "<tbody>", "</tbody>")
            .split("<tr>")
            .skip(1)
            .map(|row| {
                row.split("<td")
                    .skip(1)
                    .filter(|cell| cell.starts_with(" class=\"num\""))
                    .map(|cell| text_of(&format!("<td{cell}")))
                    .collect()
            })
            .collect();
        self.tally.needs(
            &format!("{at}: {} rows of {}", rows.len(), shown.rows.len()),
            rows.len() == shown.rows.len(),
        );
        for (cells, row) in rows.iter().zip(&shown.rows) {
            self.tally.needs(
                &format!("{at}: a row has {} numbers of {}", cells.len(), row.len()),
                cells.len() == row.len(),
            );
            for (printed, value) in cells.iter().zip(row) {
                self.tally.holds_exactly(at, printed, *value);
            }
        }
    }

    /// A page whose charts the browser draws: it has the options.
    fn browser(&mut self, page: &str, answers: &Answers) {
        for part in page.split("<figure class=\"chart\" id=\"chart-").skip(1) {
            let chart = part.split('"').next().unwrap();
            let (Some(option), true) = (
                answers.get(&format!("{chart}.option")),
                part.contains("application/json"),
            ) else {
                continue;
            };
            let within = between(part, "<script type=\"application/json\">", "</script>");
            self.tally.needs(
                &format!("browser.html: {chart} is another"),
                within == option,
            );
        }
    }

    /// The rows of a chart, by the names of their columns.
    fn rows(&mut self, chart: &str, table: &Table) {
        let at = format!("{chart}.csv");
        let view = self.view;
        let mut expected: BTreeMap<Vec<String>, Vec<(&str, Option<i64>)>> = BTreeMap::new();
        match chart {
            "result" => {
                for year in self.years() {
                    let totals = self.made.totals(view, year);
                    let values = vec![
                        ("revenue", totals.revenue),
                        ("expense", totals.expense),
                        ("result", totals.result),
                        ("published_result", None),
                        ("difference", None),
                    ];
                    expected.insert(vec![year.to_string()], values);
                }
                self.table(&at, table, &["fiscal_year"], &expected);
            }
            "steps" => {
                let both = view.both_sides();
                let totals = self.made.totals(&both, view.focus);
                let result = totals.result;
                if let Some(result) = result.filter(|_| !self.made.flow(&both).is_empty()) {
                    let row =
                        |step: &str, category: &str| vec![step.to_owned(), category.to_owned()];
                    expected.insert(
                        row("revenue", ""),
                        vec![("amount", Some(totals.revenue.unwrap_or(0)))],
                    );
                    expected.insert(row("result", ""), vec![("amount", Some(result))]);
                    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
                    for line in &self.made.lines {
                        let dropped = view.naive && line.amount.is_some_and(|amount| amount < 0);
                        let of =
                            line.year == view.focus && line.side == "expense" && both.has(line);
                        if let (true, false, Some(amount)) = (of, dropped, line.amount) {
                            *sums.entry(both.group(line)).or_insert(0) += amount;
                        }
                    }
                    for (category, amount) in sums {
                        expected.insert(row("expense", category), vec![("amount", Some(amount))]);
                    }
                }
                self.table(&at, table, &["step", "category"], &expected);
            }
            "changes" if self.is_by_line() => {
                for ((side, category, label), [before, after]) in self.line_changes() {
                    let change = difference(before, after);
                    let values = vec![
                        ("before", before),
                        ("after", after),
                        ("difference", Some(change)),
                        (
                            "change",
                            before
                                .zip(after)
                                .and_then(|(before, _)| share(change, before)),
                        ),
                    ];
                    expected.insert(vec![side.to_owned(), category, label], values);
                }
                self.table(&at, table, &["side", "category", "label"], &expected);
            }
            "changes" => {
                let of = |year| self.made.categories(view, year);
                let (before, after) = (of(view.against), of(view.focus));
                for name in before.keys().chain(after.keys()) {
                    let known = |of: &BTreeMap<String, super::statement::Sum>| {
                        of.get(name).and_then(|sum| sum.known())
                    };
                    let (before, after) = (known(&before), known(&after));
                    if before.is_none() && after.is_none() {
                        continue;
                    }
                    let difference = before.zip(after).map(|(before, after)| after - before);
                    let change = difference
                        .zip(before)
                        .and_then(|(change, before)| share(change, before));
                    let values = vec![
                        ("before", before),
                        ("after", after),
                        ("difference", difference),
                        ("change", change),
                    ];
                    expected.insert(vec![name.clone()], values);
                }
                self.table(&at, table, &["category"], &expected);
            }
            "categories" => {
                for year in self.years() {
                    let categories = self.made.categories(view, year);
                    let missing = categories.values().any(|sum| sum.missing > 0);
                    let whole: i64 = categories.values().map(|sum| sum.amount).sum();
                    for (name, sum) in categories {
                        let amount = sum.known();
                        let part = amount
                            .filter(|_| !missing)
                            .and_then(|amount| share(amount, whole));
                        expected.insert(
                            vec![year.to_string(), name],
                            vec![("amount", amount), ("share", part)],
                        );
                    }
                }
                self.table(&at, table, &["fiscal_year", "category"], &expected);
            }
            "flow" => {
                for ((side, category, label), amount) in self.made.flow(view) {
                    expected.insert(
                        vec![side.to_owned(), category, label],
                        vec![("amount", Some(amount))],
                    );
                }
                self.table(&at, table, &["side", "category", "label"], &expected);
            }
            "operating" | "exceptional" | "financial" => {
                super::analyses::rows(self, &at, chart, table, self.view.from..=self.view.to);
            }
            _ => {}
        }
    }

    /// Each row says whose it is.
    pub fn whose(&mut self, at: &str, table: &Table, row: &[String]) {
        for (column, expected) in [("siren", super::SIREN), ("body_name", super::BODY_NAME)] {
            let at = format!("{at}: {column}");
            self.tally.same(&at, table.cell(row, column), expected);
        }
    }

    /// A table whose rows are told apart by some columns.
    pub fn table(
        &mut self,
        at: &str,
        table: &Table,
        keys: &[&str],
        expected: &BTreeMap<Vec<String>, Vec<(&str, Option<i64>)>>,
    ) {
        self.tally.needs(
            &format!("{at}: {} rows of {}", table.rows.len(), expected.len()),
            table.rows.len() == expected.len(),
        );
        for row in &table.rows {
            self.whose(at, table, row);
            let key: Vec<String> = keys
                .iter()
                .map(|key| table.cell(row, key).to_owned())
                .collect();
            let Some(values) = expected.get(&key) else {
                self.tally.wrong(format!("{at}: a row of {key:?}"));
                continue;
            };
            for (column, value) in values {
                self.tally.holds_exactly(
                    &format!("{at}: {column} of {key:?}"),
                    table.cell(row, column),
                    *value,
                );
            }
        }
    }
}

/// The numbers of a table as pages show it.
pub struct Shown {
    /// The heads of its columns of numbers.
    pub heads: Vec<String>,
    pub rows: Vec<Vec<Option<i64>>>,
}

/// The columns that are whole numbers, amounts or rates.
const NUMBERS: [&str; 26] = [
    "revenue",
    "expense",
    "result",
    "published_result",
    "difference",
    "amount",
    "before",
    "after",
    "change",
    "share",
    "operating_revenue",
    "operating_expense",
    "operating_result",
    "margin",
    "exceptional_charges",
    "successor_charges",
    "mixed_charges",
    "financial_revenue",
    "financial_expense",
    "net_financial_result",
    "asset_income",
    "mixed_income",
    "financial_assets",
    "rate_of_return",
    "cumulative_share",
    "rank",
];

/// A number of a file in the smallest unit: hundredths, or one.
fn whole(text: &str) -> Option<i64> {
    text.replace('.', "").parse().ok()
}

impl Shown {
    pub fn of(check: &Check<'_>, table: &Table) -> Self {
        if table.columns.iter().any(|column| column == "share")
            && !table.columns.iter().any(|column| column == "rank")
        {
            return Self::by_year(table);
        }
        let columns: Vec<&String> = table
            .columns
            .iter()
            .filter(|column| NUMBERS.contains(&column.as_str()))
            .collect();
        Self {
            heads: columns
                .iter()
                .map(|column| match column.as_str() {
                    "before" => check.view.against.to_string(),
                    "after" => check.view.focus.to_string(),
                    name => check.locale().term("column", name).to_owned(),
                })
                .collect(),
            rows: table
                .rows
                .iter()
                .map(|row| {
                    columns
                        .iter()
                        .map(|column| whole(table.cell(row, column)))
                        .collect()
                })
                .collect(),
        }
    }

    fn by_year(table: &Table) -> Self {
        let mut things: Vec<&str> = Vec::new();
        let mut years: Vec<&str> = Vec::new();
        for row in &table.rows {
            let (thing, year) = (table.cell(row, "category"), table.cell(row, "fiscal_year"));
            if !things.contains(&thing) {
                things.push(thing);
            }
            if !years.contains(&year) {
                years.push(year);
            }
        }
        years.sort_unstable();
        let of = |thing: &str, year: &str| {
            let found = table.rows.iter().find(|row| {
                table.cell(row, "category") == thing && table.cell(row, "fiscal_year") == year
            });
            found.and_then(|row| whole(table.cell(row, "amount")))
        };
        Self {
            rows: things
                .iter()
                .map(|thing| years.iter().map(|year| of(thing, year)).collect())
                .collect(),
            heads: years.into_iter().map(str::to_owned).collect(),
        }
    }
}

/// A table of texts.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub fn cell<'t>(&self, row: &'t [String], column: &str) -> &'t str {
        let at = self.columns.iter().position(|known| known == column);
        at.and_then(|at| row.get(at)).map_or("", String::as_str)
    }

    pub fn numbers(&self) -> usize {
        let digits = |cell: &&String| {
            cell.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-')
        };
        self.rows.iter().flatten().filter(digits).count()
    }
}

pub fn table_of_csv(text: &str) -> Table {
    // No cell of a made statement has a comma or a line of its own, but lists of missing lines.
    let mut lines = text.lines();
    let cells = |line: &str| {
        let mut cells = vec![String::new()];
        let mut quoted = false;
        for letter in line.chars() {
            match letter {
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(String::new()),
                letter => cells.last_mut().unwrap().push(letter),
            }
        }
        cells
    };
    Table {
        columns: cells(lines.next().unwrap_or_default()),
        rows: lines.map(cells).collect(),
    }
}

pub fn table_of_json(text: &str) -> Table {
    let rows: Vec<serde_json::Map<String, Value>> = serde_json::from_str(text).unwrap();
    let written = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join("; "),
        value => value.to_string(),
    };
    Table {
        columns: rows
            .first()
            .map(|row| row.keys().cloned().collect())
            .unwrap_or_default(),
        rows: rows
            .iter()
            .map(|row| row.values().map(written).collect())
            .collect(),
    }
}

/// All texts that an option has.
fn texts_of(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts_of(value, texts)),
        Value::Object(values) => values.values().for_each(|value| texts_of(value, texts)),
        _ => {}
    }
}

/// The texts of a drawing.
fn texts_of_svg(svg: &str) -> Vec<String> {
    svg.split("<text")
        .skip(1)
        .map(|text| text_of(&format!("<text{}", text.split("</text>").next().unwrap())))
        .collect()
}

/// A part of a text between two others; all of what is left without the second.
pub fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let rest = text.split_once(from).map_or("", |(_, rest)| rest);
    rest.split_once(to).map_or(rest, |(part, _)| part)
}

/// The words of some HTML without its elements.
pub fn text_of(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            letter if !inside => text.push(letter),
            _ => {}
        }
    }
    unescaped(text.trim())
}

pub fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (escaped, letter) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ] {
        text = text.replace(escaped, letter);
    }
    text
}
