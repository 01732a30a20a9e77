//! Gauges for the number and age of open and dead intents. Workers refresh them.

use crate::database::Database;
use crate::outbox::Outbox;

#[derive(Default)]
pub(crate) struct Gauges {
    refreshed: Option<std::time::Instant>,
    seen: Vec<crate::Count>,
}

impl Gauges {
    const EVERY: std::time::Duration = std::time::Duration::from_secs(15);

    pub(crate) async fn refresh<D: Database>(&mut self, outbox: &Outbox<D>) {
        if self.refreshed.is_some_and(|at| at.elapsed() < Self::EVERY) {
            return;
        }
        self.refreshed = Some(std::time::Instant::now());
        let Ok(counts) = outbox.counts().await else { return };
        // A gauge without intents is set to zero. Otherwise it would keep its last value.
        for count in &mut self.seen {
            count.count = 0;
            count.oldest = std::time::Duration::ZERO;
        }
        self.seen.retain(|seen| !counts.iter().any(|count| is_same_kind(seen, count)));
        self.seen.extend(counts);
        for count in &self.seen {
            let name = format!("{}.{}", count.api, count.operation);
            let labels = [("operation", name), ("state", count.state.as_str().to_owned())];
            metrics::gauge!("outbox_intents", &labels).set(count.count as f64);
            metrics::gauge!("outbox_oldest_seconds", &labels).set(count.oldest.as_secs_f64());
        }
    }
}

fn is_same_kind(a: &crate::Count, b: &crate::Count) -> bool {
    (&a.api, &a.operation, a.state) == (&b.api, &b.operation, b.state)
}
