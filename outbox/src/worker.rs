//! Workers. A worker carries out due intents until it is stopped.

use crate::core::{Report, StopSignal};
use crate::database::Database;
use crate::error::Error;
use crate::runner::Runner;
use crate::table::Lane;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

impl<D: Database> Runner<D> {
    /// Carries out due intents until `stop` completes. The worker then claims no more intents. It waits up to
    /// [`grace`](crate::RunnerBuilder::grace) for requests that were sent, and leaves resolutions to other workers.
    ///
    /// Any number of workers may run, in several threads, in several processes and on several machines. If the database
    /// fails, the worker tries again. A worker needs a tokio runtime with IO and time.
    ///
    /// # Errors
    ///
    /// Returns an error if the tables are missing or newer than this crate.
    pub async fn worker(&self, stop: impl Future<Output = ()> + Send) -> Result<(), Error> {
        self.check().await?;
        let mut stop = pin!(stop);
        let mut tasks = JoinSet::new();
        let stopping = watch::Sender::new(false);
        #[cfg(feature = "metrics")]
        let mut gauges = crate::gauges::Gauges::default();
        loop {
            #[cfg(feature = "metrics")]
            gauges.refresh(&self.core.outbox).await;
            let changed = self.core.changed.notified();
            tokio::select! {
                biased;
                () = &mut stop => break,
                () = std::future::ready(()) => {}
            }
            // `stop` does not cancel this call, because a canceled claim may have committed, and its intent would then
            // have to be resolved.
            let has_more = self.start_due_intents(&mut tasks, &stopping).await;
            while tasks.try_join_next().is_some() {}
            let pause = match has_more {
                Ok(true) => continue,
                // A claim finds no work in tables of a newer version, so the version is checked here.
                Ok(false) => {
                    self.check().await?;
                    self.core.settings.poll
                }
                Err(error) => {
                    tracing::error!(error = %error, "a worker failed to claim an intent, and will try again");
                    self.core.settings.poll.max(Duration::from_secs(1))
                }
            };
            tokio::select! {
                biased;
                () = &mut stop => break,
                () = changed => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        stopping.send_replace(true);
        let all = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(self.core.settings.grace, all).await.is_err() {
            tracing::warn!("a worker was stopped while requests were in progress; another worker resolves them");
        }
        Ok(())
    }

    /// Checks the version of the tables. A database error is only logged, because the worker tries again.
    async fn check(&self) -> Result<(), Error> {
        match self.core.outbox.check().await {
            Err(Error::Database(error)) => {
                tracing::error!(error = %error, "a worker failed to read its tables, and will try again");
                Ok(())
            }
            other => other,
        }
    }

    /// Starts one intent of each lane that has a free slot. Returns `true` if there may be more due intents.
    async fn start_due_intents(
        &self,
        tasks: &mut JoinSet<Option<Report>>,
        stopping: &watch::Sender<bool>,
    ) -> Result<bool, Error> {
        let mut has_more = false;
        let lanes = [(Lane::Fresh, &self.core.sending), (Lane::Unresolved, &self.core.resolving)];
        for (lane, slots) in lanes {
            let slots: &Arc<Semaphore> = slots;
            let Ok(slot) = slots.clone().try_acquire_owned() else { continue };
            if let Some(task) = self.core.start(lane, None, slot, StopSignal::of(stopping)).await? {
                tasks.spawn(async move { task.await.ok() });
                has_more = true;
            }
        }
        Ok(has_more)
    }

    /// Wakes the workers of this runner and its clones, so that they look for work immediately, for example after a
    /// commit.
    pub fn wake(&self) {
        self.core.changed.notify_waiters();
    }
}
