//! The stored views of an open ledger: held against the stream, and kept up to date.

use ledger::Store;
use ledger::write::recorded;
use projections::views::SledViews;

use super::{Desk, broken, chain};
use crate::error::Failure;
use crate::stored;

impl<S: Store> Desk<S> {
    /// The stored views, caught up with the stream; none where another process has them open.
    ///
    /// # Errors
    /// A gap in the stream, an end of the stream that is gone, or a disk that fails.
    pub fn views(&self) -> Result<Option<&SledViews>, Failure> {
        let Some(views) = self.views_as_they_are()? else { return Ok(None) };
        if let Some(gone) = self.cut_off(views)? {
            return Err(broken(gone));
        }
        self.catch_up(views)?;
        Ok(Some(views))
    }

    /// The stored views, wherever they stand; none where another process has them open. They are opened once, and stay open
    /// as long as the desk.
    ///
    /// # Errors
    /// A disk that fails.
    pub fn views_as_they_are(&self) -> Result<Option<&SledViews>, Failure> {
        let views = match self.views.get() {
            Some(views) => views,
            None => {
                let opened = stored::open(&self.path)?;
                self.views.get_or_init(|| opened)
            }
        };
        Ok(views.as_ref())
    }

    fn opened(&self) -> Option<&SledViews> {
        self.views.get()?.as_ref()
    }

    /// Makes sure that the end of the stream is not gone, and remembers where it is. Paying again what was cut off would
    /// be worse than not paying. Nothing is folded into the stored views: whoever pays reads the stream itself, and leaves
    /// them to others meanwhile.
    ///
    /// # Errors
    /// An end of the stream that is gone, or a disk that fails.
    pub fn see_whole(&self) -> Result<(), Failure> {
        // Opened for this only, unless this very process has them open.
        let opened = if self.opened().is_none() { stored::open(&self.path)? } else { None };
        let Some(views) = self.opened().or(opened.as_ref()) else { return Ok(()) };
        match self.cut_off(views)? {
            Some(gone) => Err(broken(gone)),
            None => views.see(self.head()?.sequence).map_err(|e| broken(chain(&e))),
        }
    }

    /// Views that know more than the stream has, or another one: what they say of it.
    ///
    /// # Errors
    /// The ledger or the views cannot be read.
    pub fn cut_off(&self, views: &SledViews) -> Result<Option<String>, Failure> {
        let known = views.seen().map_err(|e| broken(chain(&e)))?;
        let head = self.head()?.sequence;
        if known > head {
            let advice = "bring the ledger back (footing restore), or give up what is gone with `footing rebuild`";
            return Ok(Some(format!(
                "the stream ends at {head} and the stored views know {known} events: its end was cut off; {advice}"
            )));
        }
        let position = views.position().map_err(|e| broken(chain(&e)))?;
        let Some(folded) = views.last_event().map_err(|e| broken(chain(&e)))? else { return Ok(None) };
        let there = self.wait_for(self.ledger.store().read(position, 1)).map_err(|e| broken(chain(&e)))?;
        let there = there.first().map(recorded).transpose().map_err(|e| broken(chain(&e)))?;
        if there.is_some_and(|there| there.sequence == position && there.envelope.id == folded) {
            return Ok(None);
        }
        let advice = "see that it is the ledger you mean, then build the views afresh with `footing rebuild`";
        Ok(Some(format!(
            "the stored views have event {folded} at sequence {position} and the stream has not: {advice}"
        )))
    }

    /// Folds everything new into stored views.
    ///
    /// # Errors
    /// A gap in the stream, or a disk that fails.
    pub fn catch_up(&self, views: &SledViews) -> Result<(), Failure> {
        let position = views.position().map_err(|e| broken(chain(&e)))?;
        let mut new = false;
        self.for_each_after(position, |page| {
            new = true;
            views.apply(&page).map_err(|e| broken(chain(&e)))
        })?;
        if new { views.flush().map_err(|e| broken(chain(&e))) } else { Ok(()) }
    }
}
