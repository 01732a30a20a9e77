//! Lists that come in pages: one call after another, each where the last one ended. What a position is, and where a page
//! names the next one, is generated.

use crate::client::Core;
use crate::error::{Error, Kind, Progress};
use crate::outcome::{ErrorCode, Outcome};
use crate::request::Request;
use futures_util::stream::{Stream, unfold};
use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

/// The most pages that one iteration asks for, unless it says otherwise.
pub const MOST_PAGES: u32 = 10_000;

/// A request whose reply is one page of a list. Generated.
pub trait Paged: Request + Clone + 'static {
    /// An entry of the list.
    type Item: Send;

    /// Position of a page.
    type Position: Clone + PartialEq + Send + Sync;

    /// The position that the request begins at; `None` for the beginning of the list.
    fn position(&self) -> Option<Self::Position>;

    /// The same request for the page that begins there.
    #[must_use]
    fn at(&self, position: Self::Position) -> Self;

    /// The entries of a page, and what follows it.
    fn read(&self, reply: Self::Reply) -> (Vec<Self::Item>, NextPage<Self::Position>);
}

/// Continuation after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextPage<P> {
    /// Nothing.
    End,
    /// A page that begins there.
    At(P),
    /// Unknown, because this member is absent. An error, so that the list does not seem to end here.
    Unknown(&'static str),
}

/// The pages of a list, one call each. Made by a client's method that ends in `_pages`.
///
/// An error does not move it: the same page is asked for again by the next call. [`position`](Self::position) is what a caller
/// stores to go on later, in another process if need be.
pub struct Pages<R: Paged, C> {
    core: Core<C>,
    request: R,
    /// Entries that have come and have not been handed out.
    waiting: VecDeque<R::Item>,
    /// Position of the page of the buffered entries.
    current: Option<R::Position>,
    ended: bool,
    pages_left: u32,
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
    /// The pages from where the request begins.
    pub fn new(core: Core<C>, request: &R) -> Self {
        let current = request.position();
        let (request, waiting) = (request.clone(), VecDeque::new());
        Self { core, request, waiting, current, ended: false, pages_left: MOST_PAGES, items_left: u64::MAX }
    }

    /// Begins at a position that an earlier iteration has stored.
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

    /// Limits the number of pages. Default: [`MOST_PAGES`].
    #[must_use]
    pub fn at_most_pages(mut self, pages: u32) -> Self {
        self.pages_left = pages;
        self
    }

    /// Returns the position of the page of the next entry. Entries of it that were already returned come once
    /// more then. `None` for the beginning of the list.
    pub fn position(&self) -> Option<&R::Position> {
        self.current.as_ref()
    }

    /// The entries of the next page, without those that [`next`](Self::next) has handed out; `None` at the end.
    ///
    /// # Errors
    ///
    /// Returns an error if the call fails, or if the page does not tell where the next one begins. The next call asks for the
    /// same page again.
    pub async fn next_page(&mut self) -> Result<Option<Vec<R::Item>>, Error<C>> {
        if self.waiting.is_empty() {
            self.fetch().await?;
        }
        let count = usize::try_from(self.items_left).unwrap_or(usize::MAX).min(self.waiting.len());
        self.items_left -= u64::try_from(count).unwrap_or(self.items_left);
        let page: Vec<R::Item> = self.waiting.drain(..).take(count).collect();
        Ok((!page.is_empty()).then_some(page))
    }

    /// The next entry; `None` at the end.
    ///
    /// # Errors
    ///
    /// As [`next_page`](Self::next_page).
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

    /// The entries as a [`Stream`], which ends after an error.
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

    /// Asks for pages until one has entries, or the list ends.
    async fn fetch(&mut self) -> Result<(), Error<C>> {
        while self.waiting.is_empty() && !self.ended && self.pages_left > 0 && self.items_left > 0 {
            let reply = self.core.call(&self.request).await?;
            let position = self.request.position();
            let (items, next) = self.request.read(reply);
            let next = match next {
                NextPage::End => None,
                // A service that answers with the same page for ever would be asked for ever.
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

    /// The page came, and what follows it cannot be found out.
    fn stuck(&self, kind: Kind) -> Error<C> {
        let progress = Progress { operation: R::OPERATION.id, attempts: 1, elapsed: Duration::ZERO };
        Error::without_reply(progress, Outcome::Unknown, kind)
    }
}
