//! Compares the table with a model, over random steps of two workers, callbacks and a person. The clock jumps at
//! random. The database must agree with the model, and the model must satisfy the guarantees of the crate.

use crate::on_both;
use crate::support::*;
use pagespec_outbox::modeled::{Lane, New, Release, Row, Table, Ticket, Wanted};
use pagespec_outbox::{Database, State};
use std::time::Duration;

on_both!(the_table_agrees_with_the_model_for_two_workers_and_a_jumping_clock);

const SEQUENCES: u64 = 60;
const STEPS: u32 = 120;
const LEASE: i64 = 1_000;

/// Random numbers from a seed: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn pick<C: Copy>(&mut self, of: &[C]) -> Option<C> {
        if of.is_empty() { None } else { Some(of[self.below(of.len() as u64) as usize]) }
    }
}

/// The model of one intent.
#[derive(Clone, Debug)]
struct Model {
    key: String,
    ordering: Option<&'static str>,
    state: State,
    fence: i64,
    due: i64,
    lease_until: Option<i64>,
    attempts: i64,
    /// Number of claims of the queued intent, minus the claims that were released because nothing was sent.
    fresh_claims: u32,
    /// Number of times that the intent was closed. The handler runs once for each of these times.
    closings: u32,
    /// Number of times that the dead intent was retried, or closed by a callback.
    reopened: u32,
}

/// A claim of a worker, which the worker may have lost.
#[derive(Clone, Copy, Debug)]
struct Held {
    worker: usize,
    at: usize,
    ticket: Ticket,
    was_fresh: bool,
    /// Set if the intent stays queued during the claim, because it has waited for too long.
    is_expired: bool,
}

struct World<T: TestDatabase> {
    shop: Shop<T>,
    table: Table,
    prefix: String,
    now: i64,
    intents: Vec<Model>,
    held: Vec<Held>,
}

impl Model {
    fn is_open(&self) -> bool {
        !self.state.is_closed()
    }

    fn is_leased(&self, now: i64) -> bool {
        self.lease_until.is_some_and(|until| until > now)
    }
}

impl<T: TestDatabase> World<T> {
    fn is_blocked(&self, at: usize) -> bool {
        let own = &self.intents[at];
        let others = self.intents.iter().enumerate().filter(|(n, other)| {
            *n != at && own.ordering.is_some() && other.ordering == own.ordering && other.is_open()
        });
        // An intent that may have been sent never waits for an unsent intent.
        let queued = |intent: &Model| intent.state == State::Queued;
        others
            .into_iter()
            .any(|(n, other)| (n < at && (queued(own) || !queued(other))) || (queued(own) && !queued(other)))
    }

    fn claimable(&self, lane: Lane) -> Vec<usize> {
        let fits = |intent: &Model| match lane {
            Lane::Fresh => intent.state == State::Queued,
            Lane::Unresolved => matches!(intent.state, State::Sending | State::Unknown),
        };
        (0..self.intents.len())
            .filter(|&at| {
                let intent = &self.intents[at];
                intent.is_open() && fits(intent) && intent.due <= self.now && !intent.is_leased(self.now)
            })
            .filter(|&at| !self.is_blocked(at))
            .collect()
    }

    async fn write<R>(&self, run: impl AsyncFn(&mut <T::Driver as Database>::Connection) -> R) -> R {
        let driver = self.shop.database.driver();
        let mut transaction = driver.begin().await.unwrap();
        let result = run(T::Driver::connection(&mut transaction)).await;
        T::Driver::commit(transaction).await.unwrap();
        result
    }

    async fn enqueue(&mut self, random: &mut Random) {
        let ordering = random.pick(&[None, Some("payment-1"), Some("payment-2")]).flatten();
        let key = format!("k-{}", self.intents.len());
        let new = || New {
            key: &key,
            api: "pay",
            operation: "refund_payment",
            ordering,
            request: vec![1],
            sealed_with: None,
            enqueued_at: self.now,
            state: State::Queued,
        };
        let inserted = self.write(async |on| self.table.insert::<T::Driver>(on, new()).await.unwrap()).await;
        let again = self.write(async |on| self.table.insert::<T::Driver>(on, new()).await.unwrap()).await;
        assert!(inserted && !again, "a key must belong to one intent");
        self.intents.push(Model {
            key,
            ordering,
            state: State::Queued,
            fence: 0,
            due: self.now,
            lease_until: None,
            attempts: 0,
            fresh_claims: 0,
            closings: 0,
            reopened: 0,
        });
    }

    async fn claim(&mut self, worker: usize, lane: Lane, is_too_old: bool) {
        let expected = self.claimable(lane);
        let wanted =
            Wanted { lane, operations: &["pay.refund_payment".to_owned()], running: &[], only: None, most: 50 };
        let lease = Duration::from_millis(LEASE as u64);
        let claimed = self
            .write(async |on| {
                let cells = self.table.candidates::<T::Driver>(on, &wanted).await.unwrap();
                let rows: Vec<Row> = cells.into_iter().map(|cells| Row::read(cells).unwrap()).collect();
                let mut found: Vec<&str> = rows.iter().map(|row| &*row.record.key).collect();
                found.sort_unstable();
                let mut keys: Vec<&str> = expected.iter().map(|&at| &*self.intents[at].key).collect();
                keys.sort_unstable();
                assert_eq!(found, keys, "claimable intents at {}: {:#?}", self.now, self.intents);
                let row = rows.into_iter().next()?;
                let record = row.record;
                assert!(self.table.hold_ordering::<T::Driver>(on, record.ordering.as_deref()).await.unwrap());
                let seen = Ticket { id: record.id, fence: record.fence };
                let facts = (record.state, is_too_old);
                let ticket = self.table.claim::<T::Driver>(on, seen, facts, "worker", lease).await.unwrap();
                let twice = self.table.claim::<T::Driver>(on, seen, facts, "worker", lease).await.unwrap();
                assert_eq!(twice, None, "a second claim of the same row must fail");
                Some((record.key, ticket.unwrap(), record.state))
            })
            .await;
        let Some((key, ticket, from)) = claimed else { return };
        let at = self.intents.iter().position(|intent| intent.key == key).unwrap();
        let now = self.now;
        let intent = &mut self.intents[at];
        assert!(ticket.fence > intent.fence, "each claim must increase the fence");
        let is_queued = from == State::Queued;
        let (is_expired, was_fresh) = (is_queued && is_too_old, is_queued && !is_too_old);
        intent.fence = ticket.fence;
        intent.lease_until = Some(now + LEASE);
        intent.state = match (is_queued, is_too_old) {
            (true, true) => State::Queued,
            (true, false) => State::Sending,
            (false, _) => State::Unknown,
        };
        intent.attempts += i64::from(was_fresh);
        intent.fresh_claims += u32::from(was_fresh);
        assert!(intent.fresh_claims <= 1, "the request would be sent a second time without a resolution: {intent:?}");
        self.held.push(Held { worker, at, ticket, was_fresh, is_expired });
        self.assert_one_sending_per_payment();
    }

    /// Checks that at most one intent of each payment is in the state *sending*.
    fn assert_one_sending_per_payment(&self) {
        for ordering in ["payment-1", "payment-2"] {
            let sending = self
                .intents
                .iter()
                .filter(|intent| intent.ordering == Some(ordering) && intent.state == State::Sending);
            assert!(sending.count() <= 1, "{:#?}", self.intents);
        }
    }

    /// Makes a step of a worker with one of its claims. The worker may have lost this claim.
    async fn work(&mut self, held: Held, random: &mut Random) {
        let Held { at, ticket, was_fresh, is_expired, .. } = held;
        let (is_ours, now) = (self.intents[at].fence == ticket.fence && self.intents[at].is_open(), self.now);
        let lease = Duration::from_millis(LEASE as u64);
        let table = &self.table;
        // A worker sends nothing for an intent that has waited for too long.
        let step = if is_expired { random.pick(&[0, 3, 5]).unwrap() } else { random.below(6) };
        let (to, after) = (random.pick(&[State::Applied, State::Rejected, State::Dead]).unwrap(), random.below(3_000));
        let to = if is_expired { State::Rejected } else { to };
        let is_first = was_fresh && self.intents[at].state == State::Sending && random.below(2) == 0;
        let released = if is_first || is_expired { State::Queued } else { State::Unknown };
        let done = self
            .write(async |on| match step {
                0 => table.extend::<T::Driver>(on, ticket, lease).await,
                1 => table.record_attempt::<T::Driver>(on, ticket, lease, true).await,
                2 => table.note_unknown::<T::Driver>(on, ticket, "lost", false).await,
                3 | 4 => table.close::<T::Driver>(on, ticket, to, None).await,
                _ => {
                    let after = Duration::from_millis(after);
                    let release =
                        Release { state: released, reason: None, after, is_failure: true, already_done: false };
                    table.release::<T::Driver>(on, ticket, &release).await
                }
            })
            .await
            .unwrap();
        assert_eq!(
            done, is_ours,
            "only the newest claim may change its intent: step {step}, {held:?}, {:?}",
            self.intents[at]
        );
        if matches!(step, 3..) || !done {
            self.held.retain(|other| other.ticket != ticket);
        }
        if !done {
            return;
        }
        let intent = &mut self.intents[at];
        match step {
            0 => intent.lease_until = Some(now + LEASE),
            1 => {
                intent.lease_until = Some(now + LEASE);
                intent.attempts += 1;
            }
            2 => intent.state = State::Unknown,
            3 | 4 => intent.close(to),
            _ => {
                intent.state = released;
                intent.due = now + after as i64;
                intent.lease_until = None;
                // If the intent is queued again, the claim certainly did not send the request, so it is not counted.
                intent.fresh_claims -= u32::from(is_first);
            }
        }
    }

    /// Makes a step of a callback or of a person: closes an intent as applied, gives it up, or retries it.
    async fn decide(&mut self, random: &mut Random) {
        let all: Vec<usize> = (0..self.intents.len()).collect();
        let Some(at) = random.pick(&all) else { return };
        let (table, key, from) = (&self.table, self.intents[at].key.clone(), self.intents[at].state);
        let row = self.write(async |on| table.find::<T::Driver>(on, &key).await.unwrap().unwrap()).await;
        let seen = Ticket { id: row.record.id, fence: row.record.fence };
        let now = self.now;
        match (random.below(3), from) {
            (0, State::Queued | State::Sending | State::Unknown | State::Dead) => {
                let pair = (from, State::Applied);
                assert!(self.write(async |on| table.overrule::<T::Driver>(on, seen, pair, None).await.unwrap()).await);
                let intent = &mut self.intents[at];
                intent.reopened += u32::from(from == State::Dead);
                intent.fence += 1;
                intent.close(State::Applied);
            }
            (1, State::Dead) => {
                let pair = (from, State::Unknown);
                assert!(self.write(async |on| table.retry::<T::Driver>(on, seen, pair).await.unwrap()).await);
                let intent = &mut self.intents[at];
                (intent.state, intent.due) = (State::Unknown, now);
                intent.fence += 1;
                intent.reopened += 1;
            }
            (2, State::Sending | State::Unknown) => {
                let pair = (from, State::Dead);
                assert!(self.write(async |on| table.overrule::<T::Driver>(on, seen, pair, None).await.unwrap()).await);
                let intent = &mut self.intents[at];
                intent.fence += 1;
                intent.close(State::Dead);
            }
            _ => {}
        }
    }

    async fn set_clock(&mut self, now: i64) {
        self.now = now;
        self.shop.sql(&format!("UPDATE clock SET ms = {now}")).await;
    }

    /// Compares every row with the model, and checks the guarantees of the crate.
    async fn compare(&self) {
        for intent in &self.intents {
            let row =
                self.write(async |on| self.table.find::<T::Driver>(on, &intent.key).await.unwrap().unwrap()).await;
            let record = row.record;
            let seen = (record.state, record.fence, i64::from(record.attempts));
            assert_eq!(seen, (intent.state, intent.fence, intent.attempts), "{intent:?}");
            assert!(intent.closings <= 1 + intent.reopened, "a result must be handled only once: {intent:?}");
        }
    }
}

impl Model {
    fn close(&mut self, state: State) {
        self.state = state;
        self.lease_until = None;
        self.closings += 1;
    }
}

async fn the_table_agrees_with_the_model_for_two_workers_and_a_jumping_clock<T: TestDatabase>() {
    let shop = Shop::<T>::open().await;
    shop.sql("CREATE TABLE clock (ms BIGINT NOT NULL)").await;
    shop.sql("INSERT INTO clock (ms) VALUES (1000000000)").await;
    let clock = "(SELECT ms FROM clock)";
    let (mut claims, mut lost) = (0, 0);
    let mut world = World {
        table: Table::new("m0_", T::Driver::DIALECT, Some(clock)),
        shop,
        prefix: String::new(),
        now: 0,
        intents: Vec::new(),
        held: Vec::new(),
    };
    for seed in 0..SEQUENCES {
        world.prefix = format!("m{seed}_");
        world.table = Table::new(&world.prefix, T::Driver::DIALECT, Some(clock));
        world.shop.builder().prefix(world.prefix.as_str()).build().unwrap().migrate().await.unwrap();
        (world.intents, world.held) = (Vec::new(), Vec::new());
        world.set_clock(1_000_000_000).await;
        let mut random = Random(seed);
        for _ in 0..STEPS {
            match random.below(12) {
                0 | 1 if world.intents.len() < 6 => world.enqueue(&mut random).await,
                2..=5 => {
                    let (worker, lane) = (random.below(2) as usize, random.pick(&[Lane::Fresh, Lane::Unresolved]));
                    let before = world.held.len();
                    world.claim(worker, lane.unwrap(), random.below(4) == 0).await;
                    claims += world.held.len() - before;
                }
                6..=8 => {
                    let worker = random.below(2) as usize;
                    let own: Vec<Held> = world.held.iter().copied().filter(|held| held.worker == worker).collect();
                    if let Some(held) = random.pick(&own) {
                        lost += usize::from(world.intents[held.at].fence != held.ticket.fence);
                        world.work(held, &mut random).await;
                    }
                }
                9 => world.decide(&mut random).await,
                10 => world.set_clock(world.now + random.below(1_500) as i64).await,
                // The clock jumps by up to an hour, forward or back.
                _ => world.set_clock(world.now + random.below(7_200_000) as i64 - 3_600_000).await,
            }
        }
        world.compare().await;
    }
    println!("{SEQUENCES} sequences of {STEPS} steps: {claims} claims, {lost} steps with a lost claim");
    assert!(claims > 300 && lost > 30, "{claims} claims, {lost} lost");
}
