//! Whose password is hashed next.
//!
//! Hashing leaves a processor core to all other requests, and those who were here before wait for one stranger at most,
//! however many strangers there are.

use std::{sync::Arc, thread::available_parallelism};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};

/// Jobs of each lane that may wait; more are answered with 503 at once.
const MAX_WAITING: usize = 64;

/// Who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Those who have a token, or log in from where they did before.
    Known,
    /// Everybody else.
    Stranger,
}

/// Lets at most so many hash at a time as there are cores to spare.
#[derive(Debug)]
pub struct Queue {
    cores: Arc<Semaphore>,
    /// Strangers that wait among the known ones, as many as there are cores.
    strangers: Arc<Semaphore>,
    known_places: Arc<Semaphore>,
    stranger_places: Arc<Semaphore>,
}

/// A core to hash on, until this is dropped.
#[derive(Debug)]
pub struct Turn {
    /// Whether others had to be waited for.
    pub has_waited: bool,
    _permits: (OwnedSemaphorePermit, Option<OwnedSemaphorePermit>, OwnedSemaphorePermit),
}

impl Queue {
    /// A queue for the cores of this machine.
    pub fn new() -> Self {
        let cores = available_parallelism().map_or(1, usize::from).saturating_sub(1).max(1);
        Self::with(cores, MAX_WAITING)
    }

    fn with(cores: usize, waiting: usize) -> Self {
        Self {
            cores: Arc::new(Semaphore::new(cores)),
            strangers: Arc::new(Semaphore::new(cores)),
            known_places: Arc::new(Semaphore::new(cores + waiting)),
            stranger_places: Arc::new(Semaphore::new(cores + waiting)),
        }
    }

    /// Waits until there is a core to hash on.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many wait in this lane.
    pub async fn turn(&self, lane: Lane) -> Result<Turn> {
        let permits = match lane {
            Lane::Known => &self.known_places,
            Lane::Stranger => &self.stranger_places,
        };
        let permit = permits.clone().try_acquire_owned().map_err(|_| Error::Busy)?;
        let is_free = self.cores.available_permits() > 0 && self.strangers.available_permits() > 0;
        // The semaphores are never closed, and serve in the order in which they are asked.
        let stranger = match lane {
            Lane::Known => None,
            Lane::Stranger => Some(acquire(&self.strangers).await?),
        };
        let core = acquire(&self.cores).await?;
        Ok(Turn {
            has_waited: !is_free,
            _permits: (core, stranger, permit),
        })
    }
}

async fn acquire(semaphore: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
    semaphore.clone().acquire_owned().await.map_err(|_| Error::Busy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[tokio::test]
    async fn more_than_can_wait_are_refused_at_once_but_strangers_take_no_place_of_known_ones() {
        let queue = Queue::with(1, 0);
        let stranger = queue.turn(Lane::Stranger).await.unwrap();
        assert!(!stranger.has_waited);
        assert!(matches!(queue.turn(Lane::Stranger).await, Err(Error::Busy)));
        drop(stranger);
        assert!(queue.turn(Lane::Known).await.is_ok());
    }

    #[tokio::test]
    async fn known_ones_wait_for_one_stranger_at_most() {
        let queue = Arc::new(Queue::with(1, 64));
        let first = queue.turn(Lane::Stranger).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for lane in [Lane::Stranger; 20].into_iter().chain([Lane::Known; 3]) {
            let (queue, order) = (queue.clone(), order.clone());
            tasks.push(tokio::spawn(async move {
                let turn = queue.turn(lane).await.unwrap();
                order.lock().unwrap().push(lane);
                tokio::task::yield_now().await;
                assert!(turn.has_waited);
            }));
            tokio::task::yield_now().await;
        }
        drop(first);
        for task in tasks {
            task.await.unwrap();
        }
        let order = order.lock().unwrap();
        let last = order.iter().rposition(|lane| *lane == Lane::Known);
        assert!(last.is_some_and(|last| last <= 4), "{order:?}");
        assert_eq!(order.len(), 23);
    }
}
