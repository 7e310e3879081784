//! Which rows a stretch has, and in which order: that of the official model, with what it does not have at the end of
//! its block, and blocks that it does not have after those of their activity.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use centime_accounts::address::Unrecognised;
use centime_accounts::nomenclature::{Balance, Block, Nomenclature};
use centime_accounts::{Activity, Centimes, FiscalYear, LineAddress, Role, Side};
use centime_warehouse::lines::Line;
use centime_warehouse::quality::SeriesBreak;

use super::figure::{Added, Figure, Sides};
use super::{Row, RowKind, Stretch, Year};

/// The official label of the result, where no nomenclature gives one.
const RESULT: &str = "RESULTAT DE L'EXERCICE";

/// The address of a line: what the official model calls it, or what was published of it.
pub fn address_of(line: &Line) -> LineAddress {
    let known = line.nomenclature.map(|known| known.code.as_str());
    let (Some(nomenclature), Some(code)) = (known, &line.code) else {
        return match title_of(line) {
            Some(block) => LineAddress::of_model(known.unwrap_or_default(), &block.code),
            None => LineAddress::of_unrecognised(&published(line)),
        };
    };
    LineAddress::of_model(nomenclature, code)
}

/// The block whose name a row only prints above its lines.
fn title_of(line: &Line) -> Option<&'static Block> {
    let block = line.nomenclature?.block(line.block.as_deref()?)?;
    (line.role == Role::Heading && line.code.is_none() && line.label == block.label)
        .then_some(block)
}

fn published(line: &Line) -> Unrecognised<'_> {
    Unrecognised {
        nomenclature: line.nomenclature.map(|known| known.code.as_str()),
        block: line.block.as_deref(),
        side: line.side,
        activity: line.activity,
        category: &line.published_category,
        label: &line.published_label,
    }
}

/// The stretch of these years, the latest first.
pub(super) fn stretch(
    nomenclature: Option<&'static Nomenclature>,
    years: &[FiscalYear],
    lines: &[Line],
    breaks: &[SeriesBreak],
) -> Stretch {
    let inside = |line: &&Line| years.contains(&line.fiscal_year);
    let lines: Vec<&Line> = lines.iter().filter(inside).collect();
    let years = years.iter().map(|year| {
        let revenue = lines
            .iter()
            .copied()
            .filter(|line| line.fiscal_year == *year && line.side == Some(Side::Revenue));
        Year {
            fiscal_year: *year,
            breaks: breaks
                .iter()
                .filter(|found| found.fiscal_year == *year)
                .map(|found| found.kind)
                .collect(),
            revenue: Added::of(revenue).known(),
            population: None,
        }
    });
    let years: Vec<Year> = years.collect();
    let builder = Builder::new(nomenclature, &years, &lines);
    Stretch {
        nomenclature,
        rows: builder.rows(),
        years,
    }
}

/// The lines of a row, by year.
type ByYear<'l> = HashMap<FiscalYear, Vec<&'l Line>>;

struct Builder<'l> {
    nomenclature: Option<&'static Nomenclature>,
    years: &'l [Year],
    lines: &'l [&'l Line],
    /// The lines of each address.
    own: HashMap<LineAddress, Vec<&'l Line>>,
    /// The addresses in the order in which the latest year that has them has them.
    order: Vec<LineAddress>,
}

/// A row before its figures.
struct Shape {
    address: LineAddress,
    kind: RowKind,
    level: u8,
    block: Option<LineAddress>,
    parent: Option<LineAddress>,
    side: Option<Side>,
    activity: Option<Activity>,
    label: String,
    gloss: &'static str,
    recognised: bool,
}

impl<'l> Builder<'l> {
    fn new(
        nomenclature: Option<&'static Nomenclature>,
        years: &'l [Year],
        lines: &'l [&'l Line],
    ) -> Self {
        let mut own: HashMap<LineAddress, Vec<&Line>> = HashMap::new();
        let mut order = Vec::new();
        for line in lines {
            let address = address_of(line);
            own.entry(address.clone())
                .or_insert_with(|| {
                    order.push(address);
                    Vec::new()
                })
                .push(line);
        }
        Self {
            nomenclature,
            years,
            lines,
            own,
            order,
        }
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let blocks: &[Block] = self.nomenclature.map_or(&[], |known| &known.blocks);
        let mut others = self.unknown_blocks(blocks);
        let mut balances = self.balances(blocks).into_iter().peekable();
        for (place, block) in blocks.iter().enumerate() {
            rows.extend(self.block(block));
            for (_, lines) in others.extract_if(.., |(after, _)| *after == Some(place)) {
                rows.extend(self.unknown_block(&lines));
            }
            let last = place + 1 == blocks.len();
            if last {
                for (_, lines) in others.drain(..) {
                    rows.extend(self.unknown_block(&lines));
                }
            }
            while let Some((_, balance)) = balances.next_if(|(after, _)| *after == place) {
                rows.push(self.balance(balance));
            }
        }
        for (_, lines) in others {
            rows.extend(self.unknown_block(&lines));
        }
        if self.nomenclature.is_none() && !self.lines.is_empty() {
            rows.push(self.plain_result());
        }
        rows
    }

    /// The official balances with the place of the block that they come after.
    fn balances(&self, blocks: &[Block]) -> Vec<(usize, &'static Balance)> {
        let balances = self.nomenclature.map(|known| known.balances.iter());
        let mut after = 0;
        let placed = balances.into_iter().flatten().map(|balance| {
            let has = |block: &Block| {
                balance.plus.contains(&block.code) || balance.minus.contains(&block.code)
            };
            after = blocks.iter().rposition(has).unwrap_or_default().max(after);
            (after, balance)
        });
        placed.collect()
    }

    /// The lines of this address.
    fn own(&self, address: &LineAddress) -> &[&'l Line] {
        self.own.get(address).map_or(&[], Vec::as_slice)
    }

    /// The rows of a block of the nomenclature; none where no line is in it.
    fn block(&self, block: &'static Block) -> Vec<Row> {
        let code = self.nomenclature.map_or("", |known| known.code.as_str());
        let of_model = |line: &str| LineAddress::of_model(code, line);
        let here = |line: &&&Line| line.block.as_deref() == Some(&block.code);
        let members: Vec<&Line> = self.lines.iter().filter(here).copied().collect();
        if members.is_empty() {
            return Vec::new();
        }
        let title = of_model(&block.code);
        let mut shapes = vec![Shape {
            address: title.clone(),
            kind: RowKind::Block,
            level: 0,
            block: Some(title.clone()),
            parent: None,
            side: Some(block.side),
            activity: Some(block.activity),
            label: block.label.clone(),
            gloss: &block.gloss,
            recognised: true,
        }];
        let (totals, lines): (Vec<_>, Vec<_>) = block
            .lines
            .iter()
            .partition(|line| line.role == Role::Total);
        for line in lines {
            let is_there = !self.own(&of_model(&line.code)).is_empty()
                || members
                    .iter()
                    .any(|member| member.parent.as_deref() == Some(&line.code));
            if is_there {
                shapes.push(Shape {
                    address: of_model(&line.code),
                    kind: RowKind::of(line.role),
                    level: 1 + u8::from(line.parent.is_some()),
                    block: Some(title.clone()),
                    parent: line.parent.as_deref().map(of_model),
                    side: Some(block.side),
                    activity: Some(block.activity),
                    label: line.label.clone(),
                    gloss: &line.gloss,
                    recognised: true,
                });
            }
            // Parts that the model does not have stand after those that it has.
            let family = line.parent.as_deref().unwrap_or(&line.code);
            let last = block
                .children(family)
                .last()
                .is_some_and(|last| last.code == line.code);
            if last {
                shapes.extend(self.unrecognised(block, &title, Some(family)));
            }
        }
        shapes.extend(self.unrecognised(block, &title, None));
        shapes.extend(totals.into_iter().map(|total| Shape {
            address: of_model(&total.code),
            kind: RowKind::Total,
            level: 0,
            block: Some(title.clone()),
            parent: None,
            side: Some(block.side),
            activity: Some(block.activity),
            label: total.label.clone(),
            gloss: &total.gloss,
            recognised: true,
        }));
        let with_figures = |shape: Shape| {
            let own = by_year(self.own(&shape.address).iter().copied());
            let belongs = |line: &Line| {
                let parent = line.parent.as_deref().map(of_model);
                parent.as_ref() == Some(&shape.address) || address_of(line) == shape.address
            };
            let inside = |line: &&Line| shape.kind == RowKind::Total || belongs(line);
            let is_sum = shape.recognised && shape.kind.is_sum();
            let members = by_year(
                members
                    .iter()
                    .copied()
                    .filter(|line| is_sum && inside(line)),
            );
            self.row(shape, |year| {
                let own = of_year(&own, year);
                if is_sum {
                    Figure::of_sum(own, of_year(&members, year))
                } else {
                    Figure::of_line(own)
                }
            })
        };
        shapes.into_iter().map(with_figures).collect()
    }

    /// The rows of a block that the model does not have: those that are part of a subtotal, or the others.
    fn unrecognised(&self, block: &Block, title: &LineAddress, parent: Option<&str>) -> Vec<Shape> {
        let is_wanted = |line: &&Line| {
            line.block.as_deref() == Some(&block.code)
                && line.code.is_none()
                && title_of(line).is_none()
                && line.parent.as_deref() == parent
        };
        let shape = |address: &LineAddress| {
            let line = self.own(address).first().copied().filter(is_wanted)?;
            Some(unrecognised_shape(address, line, Some(title)))
        };
        self.order.iter().filter_map(shape).collect()
    }

    /// The lines of blocks that the nomenclature does not have, by block, each with the place of the official block
    /// that it stands after.
    fn unknown_blocks(&self, blocks: &[Block]) -> Vec<(Option<usize>, Vec<LineAddress>)> {
        let mut found: BTreeMap<usize, (Option<usize>, Vec<LineAddress>)> = BTreeMap::new();
        let mut places: HashMap<LineAddress, usize> = HashMap::new();
        for address in &self.order {
            let Some(line) = self.own(address).first().copied() else {
                continue;
            };
            let is_balance = line.role == Role::Balance && line.code.is_some();
            if line.block.is_some() || is_balance {
                continue;
            }
            let block = LineAddress::of_unrecognised_block(&published(line));
            let next = places.len();
            let place = *places.entry(block).or_insert(next);
            let of_activity = |block: &Block| Some(block.activity) == line.activity;
            let after = blocks.iter().rposition(of_activity);
            let entry = found.entry(place).or_insert_with(|| (after, Vec::new()));
            entry.1.push(address.clone());
        }
        found.into_values().collect()
    }

    /// The rows of a block that the nomenclature does not have, with what it comes to beside its title.
    fn unknown_block(&self, addresses: &[LineAddress]) -> Vec<Row> {
        let lines = || addresses.iter().flat_map(|address| self.own(address));
        let Some(first) = lines().next() else {
            return Vec::new();
        };
        let title = LineAddress::of_unrecognised_block(&published(first));
        let members = by_year(lines().copied());
        let shape = Shape {
            address: title.clone(),
            kind: RowKind::Block,
            level: 0,
            block: Some(title.clone()),
            parent: None,
            side: first.side,
            activity: first.activity,
            label: first.published_category.clone(),
            gloss: "",
            recognised: false,
        };
        let title_row = self.row(shape, |year| Figure::of_sum(&[], of_year(&members, year)));
        let rows = addresses.iter().filter_map(|address| {
            let own = self.own(address);
            let shape = unrecognised_shape(address, own.first()?, Some(&title));
            let own = by_year(own.iter().copied());
            Some(self.row(shape, |year| Figure::of_line(of_year(&own, year))))
        });
        std::iter::once(title_row).chain(rows).collect()
    }

    /// A balance between blocks.
    ///
    /// One over all blocks of a side is over all lines of that side, also those whose block or activity is not known:
    /// they are part of the result. One over a part of the blocks is over the lines of their activities.
    fn balance(&self, balance: &'static Balance) -> Row {
        let known = self.nomenclature;
        let blocks = || known.into_iter().flat_map(|known| &known.blocks);
        let reach = |side: Side, codes: &[String]| {
            let of_side = || blocks().filter(move |block| block.side == side);
            let within = |block: &&Block| codes.contains(&block.code);
            let activities: BTreeSet<Activity> = of_side()
                .filter(within)
                .map(|block| block.activity)
                .collect();
            Reach {
                side,
                whole: of_side().all(|block| codes.contains(&block.code)),
                activities,
            }
        };
        let shape = Shape {
            address: LineAddress::of_model(
                known.map_or("", |known| known.code.as_str()),
                &balance.code,
            ),
            label: balance.label.clone(),
            gloss: &balance.gloss,
            ..result_shape()
        };
        // A list of balances has the grand total of expense, too, among what it adds.
        let adds_expense =
            blocks().any(|block| block.side == Side::Expense && balance.plus.contains(&block.code));
        let expense = if adds_expense {
            &balance.plus
        } else {
            &balance.minus
        };
        self.difference(
            shape,
            &reach(Side::Revenue, &balance.plus),
            &reach(Side::Expense, expense),
        )
    }

    /// The result of years whose nomenclature is not known.
    fn plain_result(&self) -> Row {
        let whole = |side| Reach {
            side,
            whole: true,
            activities: BTreeSet::from([Activity::Operating]),
        };
        self.difference(result_shape(), &whole(Side::Revenue), &whole(Side::Expense))
    }

    fn difference(&self, shape: Shape, revenue: &Reach, expense: &Reach) -> Row {
        let own = by_year(self.own(&shape.address).iter().copied());
        let lines = by_year(self.lines.iter().copied());
        // As in the analyses: without operating revenue or expense there is no result, and what is not there of the
        // rest is nothing.
        let are_needed = [revenue, expense]
            .into_iter()
            .any(|reach| reach.activities.contains(&Activity::Operating));
        self.row(shape, |year| {
            let of = |reach: &Reach| {
                let lines = of_year(&lines, year).iter().copied();
                (!reach.activities.is_empty())
                    .then(|| lines.filter(|line| reach.has(line)).collect())
            };
            let sides = Sides {
                revenue: of(revenue),
                expense: of(expense),
                are_needed,
            };
            Figure::of_balance(of_year(&own, year), &sides)
        })
    }

    /// A row with its figures, each compared with that of the year before.
    fn row(&self, shape: Shape, figure: impl Fn(FiscalYear) -> Figure) -> Row {
        let figures: Vec<Figure> = self
            .years
            .iter()
            .map(|year| figure(year.fiscal_year))
            .collect();
        let amounts: Vec<Option<Centimes>> = figures.iter().map(|figure| figure.amount).collect();
        let before = |place: usize| {
            let (year, earlier) = (&self.years[place], self.years.get(place + 1)?);
            let next = earlier.fiscal_year.next() == year.fiscal_year && year.breaks.is_empty();
            amounts[place + 1].filter(|_| next)
        };
        let figures = figures.into_iter().zip(self.years).enumerate();
        let figures = figures
            .map(|(place, (figure, year))| figure.compared(year.revenue, before(place)))
            .collect();
        Row {
            address: shape.address,
            kind: shape.kind,
            level: shape.level,
            block: shape.block,
            parent: shape.parent,
            side: shape.side,
            activity: shape.activity,
            label: shape.label,
            gloss: shape.gloss,
            recognised: shape.recognised,
            figures,
        }
    }
}

/// Which lines of a side a balance is over.
struct Reach {
    side: Side,
    /// All of them.
    whole: bool,
    /// Else those of these activities. Where there is none, the balance has no such side.
    activities: BTreeSet<Activity>,
}

impl Reach {
    fn has(&self, line: &Line) -> bool {
        let of_activity = || {
            line.activity
                .is_some_and(|activity| self.activities.contains(&activity))
        };
        line.side == Some(self.side) && (self.whole || of_activity())
    }
}

fn result_shape() -> Shape {
    Shape {
        address: LineAddress::of_plain_result(),
        kind: RowKind::Balance,
        level: 0,
        block: None,
        parent: None,
        side: None,
        activity: None,
        label: RESULT.to_owned(),
        gloss: "Result for the year",
        recognised: true,
    }
}

fn unrecognised_shape(address: &LineAddress, line: &Line, block: Option<&LineAddress>) -> Shape {
    let parent = line.parent.as_deref().zip(line.nomenclature);
    Shape {
        address: address.clone(),
        kind: RowKind::of(line.role),
        level: 1 + u8::from(parent.is_some()),
        block: block.cloned(),
        parent: parent.map(|(code, nomenclature)| LineAddress::of_model(&nomenclature.code, code)),
        side: line.side,
        activity: line.activity,
        label: line.label.clone(),
        gloss: "",
        recognised: false,
    }
}

fn by_year<'l>(lines: impl Iterator<Item = &'l Line>) -> ByYear<'l> {
    let mut found = ByYear::new();
    for line in lines {
        found.entry(line.fiscal_year).or_default().push(line);
    }
    found
}

fn of_year<'a, 'l>(lines: &'a ByYear<'l>, year: FiscalYear) -> &'a [&'l Line] {
    lines.get(&year).map_or(&[], Vec::as_slice)
}
