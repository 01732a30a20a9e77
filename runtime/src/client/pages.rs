//! Paged lists: one call per page. Each page starts where the previous page ended. Generated code defines the
//! positions, and where a reply contains the position of the next page.

use crate::client::Core;
use crate::error::{Error, Kind, Progress};
use crate::outcome::{ErrorCode, Outcome};
use crate::request::Request;
use futures_util::stream::{Stream, unfold};
use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

/// Default limit for the number of pages that one iteration requests.
pub const MOST_PAGES: u32 = 10_000;

/// A request whose reply is one page of a list. Implementations are generated.
pub trait Paged: Request + Clone + 'static {
    /// An entry of the list.
    type Item: Send;

    /// Position of a page.
    type Position: Clone + PartialEq + Send + Sync;

    /// Returns the position at which the request starts. `None` is the beginning of the list.
    fn position(&self) -> Option<Self::Position>;

    /// Returns the same request for the page that starts at `position`.
    #[must_use]
    fn at(&self, position: Self::Position) -> Self;

    /// Returns the entries of a page, and where the next page starts.
    fn read(&self, reply: Self::Reply) -> (Vec<Self::Item>, NextPage<Self::Position>);
}

/// Where a list continues after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextPage<P> {
    /// The list ends here.
    End,
    /// The next page starts at this position.
    At(P),
    /// Unknown, because this member is absent. The iteration then fails, because otherwise the list would seem to end
    /// here.
    Unknown(&'static str),
}

/// Pages of a list, with one call per page. Created by the client's methods whose names end in `_pages`.
///
/// After the error of a page, the next call of [`next`](Self::next) or [`next_page`](Self::next_page) requests the same
/// page again. A caller can store [`position`](Self::position) to continue later, also in another process.
pub struct Pages<R: Paged, C> {
    core: Core<C>,
    request: R,
    /// Entries that were received but not yet returned.
    waiting: VecDeque<R::Item>,
    /// Position of the page that was received last or, if it had no entries, of the page after it. Before the first
    /// page is received, the position at which the iteration starts. `None` is the beginning of the list.
    current: Option<R::Position>,
    ended: bool,
    pages_left: u32,
    /// Number of pages after which a list that has not ended is an error. `None` if the caller has set a limit.
    fails_after: Option<u32>,
    items_left: u64,
}

impl<R: Paged, C> fmt::Debug for Pages<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("operation", &R::OPERATION.id)
            .field("ended", &self.ended)
            .field("waiting", &self.waiting.len())
            .finish_non_exhaustive()
    }
}

impl<R: Paged, C: ErrorCode> Pages<R, C> {
    /// Creates the pages, starting where the request starts.
    pub fn new(core: Core<C>, request: &R) -> Self {
        let current = request.position();
        let (request, waiting) = (request.clone(), VecDeque::new());
        Self {
            core,
            request,
            waiting,
            current,
            ended: false,
            pages_left: MOST_PAGES,
            fails_after: Some(MOST_PAGES),
            items_left: u64::MAX,
        }
    }

    /// Starts at a position that an earlier iteration has stored.
    #[must_use]
    pub fn starting_at(mut self, position: R::Position) -> Self {
        self.request = self.request.at(position.clone());
        self.current = Some(position);
        self
    }

    /// Limits the number of entries.
    #[must_use]
    pub fn at_most(mut self, entries: u64) -> Self {
        self.items_left = entries;
        self
    }

    /// Limits the number of pages. The iteration then ends without an error after this number. Without this limit, a
    /// list of more than [`MOST_PAGES`] pages is an error.
    #[must_use]
    pub fn at_most_pages(mut self, pages: u32) -> Self {
        (self.pages_left, self.fails_after) = (pages, None);
        self
    }

    /// Sets the number of pages after which a list that has not ended is an error. Only for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn fail_after(mut self, pages: u32) -> Self {
        (self.pages_left, self.fails_after) = (pages, Some(pages));
        self
    }

    /// Returns the position at which a later iteration has to start in order to miss no entry. This is the
    /// position of the page with the last returned entry, or of a later page if the pages after that entry were empty.
    /// A later iteration returns the entries of that page again. Returns `None` at the beginning of the list.
    pub fn position(&self) -> Option<&R::Position> {
        self.current.as_ref()
    }

    /// Returns the remaining entries of the current page or, if there are none, the entries of the next page. Returns
    /// `None` at the end of the list, or when a limit of the caller is reached.
    ///
    /// # Errors
    ///
    /// Returns an error if the call fails, or if the page does not show where the next page starts, or names itself as
    /// the next page. The next call requests the same page again. Also returns an error if the list has more than
    /// [`MOST_PAGES`] pages, and the caller has not limited their number.
    pub async fn next_page(&mut self) -> Result<Option<Vec<R::Item>>, Error<C>> {
        if self.waiting.is_empty() {
            self.fetch().await?;
        }
        let count = usize::try_from(self.items_left).unwrap_or(usize::MAX).min(self.waiting.len());
        self.items_left -= u64::try_from(count).unwrap_or(self.items_left);
        let page: Vec<R::Item> = self.waiting.drain(..).take(count).collect();
        Ok((!page.is_empty()).then_some(page))
    }

    /// Returns the next entry. Returns `None` at the end of the list, or when a limit of the caller is reached.
    ///
    /// # Errors
    ///
    /// Returns an error in the same cases as [`next_page`](Self::next_page).
    pub async fn next(&mut self) -> Result<Option<R::Item>, Error<C>> {
        if self.items_left == 0 {
            return Ok(None);
        }
        if self.waiting.is_empty() {
            self.fetch().await?;
        }
        let item = self.waiting.pop_front();
        self.items_left -= u64::from(item.is_some());
        Ok(item)
    }

    /// Returns the entries as a [`Stream`], which ends after an error.
    pub fn into_stream(self) -> impl Stream<Item = Result<R::Item, Error<C>>> + Send
    where
        R::Reply: Send,
    {
        unfold(Some(self), |pages| async {
            let mut pages = pages?;
            match pages.next().await {
                Ok(Some(item)) => Some((Ok(item), Some(pages))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        })
    }

    /// Requests pages until one has entries, the list ends, or a limit is reached.
    async fn fetch(&mut self) -> Result<(), Error<C>> {
        while self.waiting.is_empty() && !self.ended && self.items_left > 0 {
            match (self.pages_left, self.fails_after) {
                (0, None) => break,
                (0, Some(most)) => {
                    return Err(self.core.nothing(R::OPERATION, Kind::TooManyPages(most), Outcome::NotSent));
                }
                _ => {}
            }
            let reply = self.core.call(&self.request).await?;
            let position = self.request.position();
            let (items, next) = self.request.read(reply);
            let next = match next {
                NextPage::End => None,
                // If the service always answered with the same page, the iteration would never end.
                NextPage::At(next) if Some(&next) == position.as_ref() => return Err(self.stuck(Kind::RepeatedPage)),
                NextPage::At(next) => Some(next),
                NextPage::Unknown(member) => return Err(self.stuck(Kind::NoNextPage(member))),
            };
            self.pages_left -= 1;
            self.current = position;
            self.waiting.extend(items);
            match next {
                Some(next) => {
                    if self.waiting.is_empty() {
                        self.current = Some(next.clone());
                    }
                    self.request = self.request.at(next);
                }
                None => self.ended = true,
            }
        }
        Ok(())
    }

    /// Creates the error for a page after which the iteration cannot continue.
    fn stuck(&self, kind: Kind) -> Error<C> {
        let progress = Progress { operation: R::OPERATION.id, attempts: 1, elapsed: Duration::ZERO };
        Error::without_reply(progress, Outcome::Unknown, kind)
    }
}
