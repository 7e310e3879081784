//! The paths of pages that others lead to.

/// The income statement; its lines are below it.
pub const STATEMENT: &str = "/statement";

/// The report.
pub const REPORT: &str = "/report";

/// The report as a PDF.
pub const REPORT_PDF: &str = "/reports/income-statement.pdf";

/// How to read the data with other tools.
pub const TOOLS: &str = "/tools";

/// Statements that readers write themselves.
pub const SQL: &str = "/sql";

/// The fiscal years; each is below it.
pub const YEARS: &str = "/years";

/// What the words of the site mean.
pub const GLOSSARY: &str = "/glossary";

/// The published revisions as a feed.
pub const FEED: &str = "/revisions.atom";

/// The pages for search engines.
pub const SITEMAP: &str = "/sitemap.xml";

/// What a few words lead to.
pub const SEARCH: &str = "/search";

/// The indicators of local finance.
pub const INDICATORS: &str = "/indicators";

/// Control totals, and inhabitants.
pub const AGGREGATES: &str = "/aggregates";

/// The accounts of a year.
pub const ACCOUNTS: &str = "/accounts";
