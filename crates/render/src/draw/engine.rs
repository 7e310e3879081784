//! Drawing by `ECharts`, which runs in a few JavaScript interpreters of their own.
//!
//! A drawing takes some ten milliseconds and an interpreter some hundred to start, so interpreters
//! are kept, each on its own thread, and drawings by what they show.

use std::cmp::Reverse;
use std::num::NonZeroUsize;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use rquickjs::{CatchResultExt, Context, Ctx, Function, Runtime};

use super::metrics;

/// The charts' part of `ECharts`, and our own.
const SCRIPT: &str = include_str!(concat!(env!("CENTIME_WEB"), "/chart-server.js"));

/// How much is kept of drawings, in bytes, unless [`keep`] says another: those of some thirty dashboards.
const KEPT: u64 = 12 << 20;

/// How large a drawing is with what it is kept by, roughly, in bytes.
const USUAL: u64 = 48 << 10;

/// How many interpreters there are at most.
const MOST_WORKERS: usize = 4;

/// What an interpreter may hold, in bytes; it holds a fifth of that.
const MEMORY: usize = 128 << 20;

/// How deep calls may go in an interpreter, in bytes.
const STACK: usize = 4 << 20;

/// How long a drawing may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why there is no drawing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The interpreter refused.
    #[error("the chart could not be drawn: {0}")]
    Script(String),
    /// The interpreter is gone.
    #[error("the chart could not be drawn: no interpreter answers")]
    Gone,
}

/// How much an interpreter may hold before it looks for garbage in the middle of a drawing, in bytes.
/// It looks for it anyway when there is nothing to draw.
const GARBAGE: usize = 32 << 20;

/// What is to be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Job {
    /// The option of `ECharts`, as JSON.
    pub option: String,
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
    /// What is put into the finished drawing.
    pub strong: Option<Strong>,
}

/// The name of a place that stands out. It is put into the finished drawing, so that another choice
/// needs no other drawing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Strong {
    /// The name.
    pub text: String,
    /// The colour of names.
    pub usual: String,
    /// The colour of this one.
    pub color: String,
}

impl Strong {
    /// The drawing, in which the name stands out wherever it stands alone: as `ECharts` would draw it.
    fn put_into(&self, svg: &str) -> String {
        const SIZE: &str = "font-size=\"";
        let end = format!(">{}</text>", self.text);
        let [usual, color] = [&self.usual, &self.color].map(|color| format!("fill=\"{color}\""));
        let mut strong = String::with_capacity(svg.len() + 32);
        let mut rest = svg;
        while let Some((part, after)) = rest.split_once(&end) {
            let (before, tag) = part.split_at(part.rfind("<text ").unwrap_or(part.len()));
            let tag = tag.replacen(&usual, &color, 1);
            strong.push_str(before);
            let (start, size) = tag.split_once(SIZE).unwrap_or((&tag, ""));
            let (size, more) = size.split_once('"').unwrap_or((size, ""));
            strong.push_str(start);
            strong.push_str(SIZE);
            strong.push_str(size);
            strong.push_str("\" font-weight=\"600\"");
            strong.push_str(more);
            strong.push_str(&end);
            rest = after;
        }
        strong + rest
    }
}

type Answer = Result<Arc<str>, Error>;

/// A job and where its answer goes.
type Order = (Job, Sender<Answer>);

/// A job and where its answer comes from.
type Waiting = (Job, Receiver<Answer>);

#[derive(Clone)]
struct Length;

impl Weighter<Job, Arc<str>> for Length {
    fn weight(&self, job: &Job, drawing: &Arc<str>) -> u64 {
        u64::try_from(job.option.len() + drawing.len()).unwrap_or(u64::MAX)
    }
}

static DRAWINGS: LazyLock<Cache<Job, Arc<str>, Length>> = LazyLock::new(|| {
    let items = usize::try_from(KEPT / USUAL).unwrap_or(usize::MAX);
    Cache::with_weighter(items, KEPT, Length)
});

struct Workers {
    orders: Sender<Order>,
}

static WORKERS: LazyLock<Workers> = LazyLock::new(|| {
    let (orders, open) = mpsc::channel();
    let open = Arc::new(Mutex::new(open));
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    for number in 0..cores.min(MOST_WORKERS) {
        let open = Arc::clone(&open);
        let spawned = thread::Builder::new()
            .name(format!("chart-{number}"))
            .stack_size(2 * STACK)
            .spawn(move || work(&open));
        if let Err(error) = spawned {
            tracing::error!(%error, "a thread for charts could not be started");
        }
    }
    Workers { orders }
});

/// Starts the interpreters, so that no request for a drawing waits for that.
pub fn warm() {
    LazyLock::force(&WORKERS);
}

/// Keeps no more than so many bytes of drawings from now on.
pub fn keep(bytes: u64) {
    DRAWINGS.set_capacity(bytes);
}

/// Draws several charts at once and waits for all of them. The answers are in the order of the jobs.
pub fn draw_all(jobs: Vec<Job>) -> Vec<Answer> {
    let mut wanted: Vec<(usize, Job)> = jobs.into_iter().enumerate().collect();
    // Who says most takes longest: begun last, it would be waited for alone.
    wanted.sort_by_key(|(_, job)| Reverse(job.option.len()));
    let waiting: Vec<_> = wanted
        .into_iter()
        .map(|(place, mut job)| {
            let strong = job.strong.take();
            if let Some(known) = DRAWINGS.get(&job) {
                return (place, strong, Ok(known));
            }
            let (answer, receiver) = mpsc::channel();
            // Without a worker the receiver finds its sender gone, which is reported below.
            let _ = WORKERS.orders.send((job.clone(), answer));
            (place, strong, Err((job, receiver)))
        })
        .collect();
    let mut answers: Vec<(usize, Answer)> = waiting
        .into_iter()
        .map(|(place, strong, found)| {
            let drawn = found.or_else(received);
            let finished = drawn.map(|svg| match strong {
                Some(strong) => Arc::from(strong.put_into(&svg)),
                None => svg,
            });
            (place, finished)
        })
        .collect();
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// Waits for a drawing, and keeps it.
fn received((job, receiver): Waiting) -> Answer {
    let drawn = receiver.recv().unwrap_or(Err(Error::Gone))?;
    DRAWINGS.insert(job, Arc::clone(&drawn));
    Ok(drawn)
}

/// Draws a chart.
pub fn draw(job: Job) -> Answer {
    draw_all(vec![job]).pop().unwrap_or(Err(Error::Gone))
}

/// Draws as long as there are jobs. An interpreter that failed is replaced.
fn work(open: &Mutex<Receiver<Order>>) {
    let mut interpreter = Interpreter::start()
        .inspect_err(|error| tracing::error!(%error, "an interpreter could not be started"))
        .ok();
    loop {
        // Another worker that waits has the lock: then there is nothing to draw.
        let next = open.try_lock().ok().and_then(|open| open.try_recv().ok());
        let next = next.map_or_else(
            || {
                if let Some(interpreter) = &interpreter {
                    interpreter.runtime.run_gc();
                }
                open.lock().unwrap_or_else(PoisonError::into_inner).recv()
            },
            Ok,
        );
        let Ok((job, answer)) = next else {
            return;
        };
        let drawn = match &interpreter {
            Some(_) => Ok(()),
            None => Interpreter::start().map(|started| interpreter = Some(started)),
        };
        let drawn = drawn.and_then(|()| match &interpreter {
            Some(interpreter) => interpreter.draw(&job),
            None => Err(Error::Gone),
        });
        if drawn.is_err() {
            interpreter = None;
        }
        // The receiver is gone when the request was cancelled.
        let _ = answer.send(drawn);
    }
}

/// A JavaScript interpreter that has read the script.
struct Interpreter {
    context: Context,
    deadline: Arc<Mutex<Instant>>,
    runtime: Runtime,
}

impl Interpreter {
    fn start() -> Result<Self, Error> {
        let failed = |error: rquickjs::Error| Error::Script(error.to_string());
        let runtime = Runtime::new().map_err(failed)?;
        runtime.set_memory_limit(MEMORY);
        runtime.set_max_stack_size(STACK);
        runtime.set_gc_threshold(GARBAGE);
        let deadline = Arc::new(Mutex::new(Instant::now() + PATIENCE));
        let until = Arc::clone(&deadline);
        runtime.set_interrupt_handler(Some(Box::new(move || {
            Instant::now() > *until.lock().unwrap_or_else(PoisonError::into_inner)
        })));
        let context = Context::full(&runtime).map_err(failed)?;
        context.with(|context| {
            let measure = Function::new(context.clone(), measured).map_err(failed)?;
            let globals = context.globals();
            globals.set("measureText", measure).map_err(failed)?;
            context
                .eval::<(), _>(SCRIPT)
                .catch(&context)
                .map_err(|error| Error::Script(error.to_string()))
        })?;
        Ok(Self {
            context,
            deadline,
            runtime,
        })
    }

    fn draw(&self, job: &Job) -> Answer {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + PATIENCE;
        self.context.with(|context: Ctx<'_>| {
            let drawn = || -> rquickjs::Result<String> {
                let function: Function<'_> = context.globals().get("drawChart")?;
                function.call((job.option.as_str(), job.width, job.height))
            };
            drawn()
                .catch(&context)
                .map(|svg| Arc::from(readable(&svg)))
                .map_err(|error| Error::Script(error.to_string()))
        })
    }
}

/// A drawing without the characters that XML cannot have, which labels from anywhere may hold.
fn readable(svg: &str) -> String {
    let unreadable = |letter: char| {
        matches!(
            letter,
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}'
        )
    };
    svg.replace(unreadable, "\u{fffd}")
}

/// The width of a text in pixels, as the script asks for it. Lengths on the screen are no amounts.
#[allow(
    clippy::needless_pass_by_value,
    clippy::cast_precision_loss,
    clippy::float_arithmetic
)]
fn measured(text: String, font: String) -> f64 {
    let (size, bold) = metrics::font(&font);
    metrics::width(&text, size, bold) as f64 / 1000.0
}
