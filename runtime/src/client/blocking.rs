//! Client for code without an async runtime: runs the calls of [`Core`] on its own runtime. Inside another runtime,
//! calls return errors, because they would block the tasks of that runtime.

use crate::client::Core;
use crate::client::config::ConfigError;
use crate::client::options::CallOptions;
use crate::client::pages::{Paged, Pages};
use crate::client::resolve::{Resolution, Resolve, unresolved};
use crate::error::{Error, Kind, Progress};
use crate::outcome::{ErrorCode, Outcome};
use crate::request::Request;
use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};

thread_local! {
    static MAY_BLOCK: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`, and allows calls of blocking clients in it. This is needed inside `spawn_blocking`, because a thread of
/// `spawn_blocking` cannot be distinguished from a thread that runs async tasks.
///
/// ```no_run
/// # async fn example() -> Result<(), tokio::task::JoinError> {
/// # fn resolve_the_day() {}
/// tokio::task::spawn_blocking(|| pagespec_runtime::may_block(|| resolve_the_day())).await
/// # }
/// ```
///
/// # Panics
///
/// If the current thread runs async tasks, a call in `work` panics before it sends anything.
pub fn may_block<T>(work: impl FnOnce() -> T) -> T {
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            MAY_BLOCK.set(self.0);
        }
    }
    let _before = Before(MAY_BLOCK.replace(true));
    work()
}

/// Returns `true` if waiting on this thread could block async tasks.
fn is_inside() -> bool {
    Handle::try_current().is_ok() && !MAY_BLOCK.get()
}

/// Blocking client of an API. Cheap to clone; clones share the runtime, the retry budget and the log of attempts. Any
/// number of threads may use the client at the same time. Its `Debug` shows no credential.
pub struct BlockingCore<C> {
    pub(crate) core: Core<C>,
    engine: Arc<Engine>,
}

/// Runtime that runs the calls. `None` only while the engine is dropped.
struct Engine(Option<Runtime>);

impl Drop for Engine {
    fn drop(&mut self) {
        // The default drop of a runtime waits for its tasks, and panics inside another runtime.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl<C> Clone for BlockingCore<C> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone(), engine: self.engine.clone() }
    }
}

impl<C> fmt::Debug for BlockingCore<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

impl<C> BlockingCore<C> {
    /// Creates a blocking client.
    ///
    /// # Errors
    ///
    /// Returns an error inside an async runtime, or if the client's thread cannot be started.
    pub fn new(core: Core<C>) -> Result<Self, ConfigError> {
        if is_inside() {
            return Err(ConfigError::new(Kind::Misplaced.to_string()));
        }
        let runtime =
            Builder::new_multi_thread().worker_threads(1).thread_name("blocking-client").enable_all().build().map_err(
                |error| ConfigError::new(format!("the blocking client's thread cannot be started: {error}")),
            )?;
        Ok(Self { core, engine: Arc::new(Engine(Some(runtime))) })
    }

    /// Returns the base URL, without a slash at the end.
    pub fn base_url(&self) -> &str {
        self.core.base_url()
    }

    /// Returns warnings about settings that are allowed but probably not intended. Log them at startup.
    pub fn warnings(&self) -> Vec<String> {
        self.core.warnings()
    }

    /// Returns a client whose calls use `options`. A setting that `options` does not contain keeps the value of this
    /// client.
    pub fn with(&self, options: CallOptions) -> Self {
        Self { core: self.core.with(options), engine: self.engine.clone() }
    }
}

impl<C: ErrorCode> BlockingCore<C> {
    /// Sends a request like [`Core::call`], and blocks until the call ends.
    ///
    /// # Errors
    ///
    /// Returns an error if the call does not succeed, or inside an async runtime. The outcome of the error states
    /// whether the request may have taken effect.
    pub fn call<R: Request>(&self, request: &R) -> Result<R::Reply, Error<C>> {
        self.wait::<R, _>(self.core.call(request))?
    }

    /// Resolves a request like [`Core::resolve`]. Inside an async runtime the outcome stays unknown.
    pub fn resolve<S: Resolve>(&self, request: &S, expected: &S::Expected) -> Resolution<S, C> {
        self.wait::<S, _>(self.core.resolve(request, expected)).unwrap_or_else(still_unknown)
    }

    /// Resolves requests like [`Core::resolve_many`]. Inside an async runtime all outcomes stay unknown.
    pub fn resolve_many<S: Resolve>(&self, open: Vec<(S, S::Expected)>, parallel: usize) -> Vec<Resolution<S, C>> {
        let count = open.len();
        self.wait::<S, _>(self.core.resolve_many(open, parallel)).unwrap_or_else(|error| {
            let refused = std::iter::repeat_with(|| still_unknown(misplaced(error.operation())));
            refused.take(count).collect()
        })
    }

    /// Returns an iterator over the entries of a list. It requests the pages one after another.
    pub fn pages<R: Paged>(&self, request: &R) -> BlockingPages<R, C> {
        BlockingPages { pages: Some(Pages::new(self.core.clone(), request)), client: self.clone() }
    }

    /// Blocks until the future completes. Inside an async runtime, returns an error instead.
    pub(crate) fn wait<R: Request, F: Future>(&self, work: F) -> Result<F::Output, Error<C>> {
        match &self.engine.0 {
            Some(runtime) if !is_inside() => Ok(runtime.block_on(work)),
            _ => Err(misplaced(R::OPERATION.id)),
        }
    }
}

/// Iterator over the entries of a paged list. It blocks while it waits for a page, and ends after an error. To continue
/// after an error, store [`position`](Self::position) during the iteration.
pub struct BlockingPages<R: Paged, C> {
    client: BlockingCore<C>,
    pages: Option<Pages<R, C>>,
}

impl<R: Paged, C> fmt::Debug for BlockingPages<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pages.fmt(f)
    }
}

impl<R: Paged, C: ErrorCode> BlockingPages<R, C> {
    /// Starts at a position that an earlier iteration has stored.
    #[must_use]
    pub fn starting_at(self, position: R::Position) -> Self {
        Self { pages: self.pages.map(|pages| pages.starting_at(position)), ..self }
    }

    /// Limits the number of entries.
    #[must_use]
    pub fn at_most(self, entries: u64) -> Self {
        Self { pages: self.pages.map(|pages| pages.at_most(entries)), ..self }
    }

    /// Limits the number of pages.
    #[must_use]
    pub fn at_most_pages(self, count: u32) -> Self {
        Self { pages: self.pages.map(|pages| pages.at_most_pages(count)), ..self }
    }

    /// Returns the position at which a later iteration has to start in order to miss no entry, like
    /// [`Pages::position`]. Returns `None` at the beginning of the list, and after the iteration has ended or failed.
    pub fn position(&self) -> Option<&R::Position> {
        self.pages.as_ref().and_then(Pages::position)
    }
}

impl<R: Paged, C: ErrorCode> Iterator for BlockingPages<R, C> {
    type Item = Result<R::Item, Error<C>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut pages = self.pages.take()?;
        match self.client.wait::<R, _>(pages.next()) {
            Ok(Ok(Some(item))) => {
                self.pages = Some(pages);
                Some(Ok(item))
            }
            Ok(Ok(None)) => None,
            Ok(Err(error)) | Err(error) => Some(Err(error)),
        }
    }
}

fn misplaced<C: ErrorCode>(operation: &'static str) -> Error<C> {
    let progress = Progress { operation, attempts: 0, elapsed: Duration::ZERO };
    Error::without_reply(progress, Outcome::NotSent, Kind::Misplaced)
}

fn still_unknown<S: Resolve, C: ErrorCode>(error: Error<C>) -> Resolution<S, C> {
    unresolved("the service was not asked".into(), Some(error))
}
