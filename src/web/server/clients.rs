//! Limits the connections, in all and of one address, and closes an idle one when there is no free slot.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Connections at a time; more wait to be accepted.
const MAX_CONNECTIONS: usize = 4096;
/// File descriptors that connections leave to the database, mail and the log.
const RESERVED_DESCRIPTORS: usize = 64;
/// One address has at most one of so many slots, and of the bytes of bodies on their way.
const SHARES: usize = 4;
/// Bytes of request bodies on their way at a time, beyond [`FREE_BODY_BYTES`] of each.
const MAX_BODY_BYTES: usize = 32 << 20;
/// The start of a body, which is always accepted: large bodies that stall must not keep others from logging in.
const FREE_BODY_BYTES: usize = 8 << 10;
/// How long a client must have been silent before its connection is closed for another.
const GRACE: Duration = Duration::from_millis(250);
/// How long to wait for a slot before another connection is closed.
const SLOT_WAIT: Duration = Duration::from_millis(50);

/// All clients that are connected.
pub(super) struct Clients {
    slots: Arc<Semaphore>,
    share: usize,
    connected: Mutex<Connected>,
    body_bytes: AtomicUsize,
}

#[derive(Default)]
struct Connected {
    next_id: u64,
    clients: HashMap<u64, Arc<Client>>,
    addresses: HashMap<IpAddr, Arc<AddressUsage>>,
}

/// What all connections of one address use together; of IPv6 a network of one customer (/64) counts as one.
#[derive(Default)]
struct AddressUsage {
    connections: AtomicUsize,
    body_bytes: AtomicUsize,
}

/// One connection.
pub(super) struct Client {
    /// None for those whose connections belong to many: trusted proxies, and processes of this machine.
    address: Option<Arc<AddressUsage>>,
    connected_at: Instant,
    /// Milliseconds after that at which the client last sent or took something.
    progress: AtomicU64,
    /// Whether an answer is being made, so the server does not wait for the client.
    is_busy: AtomicBool,
    /// Whether what is sent comes from the old app, to which a client may listen as slowly as it likes.
    is_patient: AtomicBool,
    is_given_up: AtomicBool,
    given_up: Notify,
}

/// A connection's slot, free again when this is dropped.
pub(super) struct Slot {
    /// The connection.
    pub(super) client: Arc<Client>,
    clients: Arc<Clients>,
    id: u64,
    address: Option<IpAddr>,
    _permit: OwnedSemaphorePermit,
}

impl Clients {
    /// As many slots as the limit of open files allows.
    pub(super) fn new() -> Arc<Self> {
        // An answer may have a file of its own open.
        let slots = (descriptors().saturating_sub(RESERVED_DESCRIPTORS) / 2).clamp(8, MAX_CONNECTIONS);
        tracing::debug!(slots, "connections at a time");
        Arc::new(Self {
            slots: Arc::new(Semaphore::new(slots)),
            share: slots / SHARES,
            connected: Mutex::default(),
            body_bytes: AtomicUsize::new(0),
        })
    }

    /// Waits for a free slot; if there is none, the connection that has been silent longest is closed.
    pub(super) async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        loop {
            if let Ok(permit) = self.slots.clone().try_acquire_owned() {
                return Some(permit);
            }
            self.give_up();
            let waiting = self.slots.clone().acquire_owned();
            if let Ok(permit) = tokio::time::timeout(SLOT_WAIT, waiting).await {
                return permit.ok();
            }
        }
    }

    /// Gives a slot to a connection from `address`; `None` if all its slots are taken by busy connections.
    pub(super) fn admit(self: &Arc<Self>, permit: OwnedSemaphorePermit, address: Option<IpAddr>) -> Option<Slot> {
        let address = address.map(network_of);
        let mut connected = self.connected();
        let shared = address.map(|address| connected.addresses.entry(address).or_default().clone());
        if let Some(shared) = &shared {
            let has_too_many = shared.connections.load(Relaxed) >= self.share;
            if has_too_many && !connected.give_up(Some(shared), Duration::ZERO) {
                return None;
            }
            shared.connections.fetch_add(1, Relaxed);
        }
        let client = Arc::new(Client {
            address: shared,
            connected_at: Instant::now(),
            progress: AtomicU64::new(0),
            is_busy: AtomicBool::new(false),
            is_patient: AtomicBool::new(false),
            is_given_up: AtomicBool::new(false),
            given_up: Notify::new(),
        });
        let id = connected.next_id;
        connected.next_id += 1;
        connected.clients.insert(id, client.clone());
        drop(connected);
        Some(Slot {
            client,
            clients: self.clone(),
            id,
            address,
            _permit: permit,
        })
    }

    /// Closes the connection that has waited for its client longest.
    pub(super) fn give_up(&self) {
        self.connected().give_up(None, GRACE);
    }

    fn connected(&self) -> MutexGuard<'_, Connected> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connected {
    /// Closes the connection that has waited for its client longest, of those who have most connections first.
    fn give_up(&self, among: Option<&Arc<AddressUsage>>, grace: Duration) -> bool {
        let is_among = |client: &Client| match (among, &client.address) {
            (Some(among), Some(address)) => Arc::ptr_eq(among, address),
            (among, _) => among.is_none(),
        };
        let waiting = self.clients.values().filter_map(|client| {
            let silence = client.silence()?;
            (is_among(client) && silence >= grace).then_some((client.siblings(), silence, client))
        });
        let Some((_, silence, client)) = waiting.max_by_key(|(siblings, silence, _)| (*siblings, *silence)) else {
            return false;
        };
        tracing::debug!(?silence, "a connection was closed to make room for another");
        client.is_given_up.store(true, Relaxed);
        client.given_up.notify_one();
        true
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut connected = self.clients.connected();
        connected.clients.remove(&self.id);
        if let (Some(address), Some(shared)) = (self.address, &self.client.address)
            && shared.connections.fetch_sub(1, Relaxed) == 1
        {
            connected.addresses.remove(&address);
        }
    }
}

impl Client {
    /// Notes that the client has sent or taken something.
    pub(super) fn progressed(&self) {
        let age = self.connected_at.elapsed().as_millis();
        self.progress.store(u64::try_from(age).unwrap_or(u64::MAX), Relaxed);
    }

    /// Notes whether the server is busy with an answer, or waits for the client.
    pub(super) fn set_busy(&self, is_busy: bool) {
        self.progressed();
        self.is_busy.store(is_busy, Relaxed);
    }

    /// Sets whether the client may read as slowly as it likes.
    pub(super) fn set_patient(&self, is_patient: bool) {
        self.is_patient.store(is_patient, Relaxed);
    }

    /// Whether the client may read as slowly as it likes.
    pub(super) fn is_patient(&self) -> bool {
        self.is_patient.load(Relaxed)
    }

    /// Ends when the slot is needed for another connection.
    pub(super) async fn given_up(&self) {
        self.given_up.notified().await;
    }

    /// How long the client has been waited for; `None` where it is not, or is given up already.
    fn silence(&self) -> Option<Duration> {
        let is_waited_for = !self.is_busy.load(Relaxed) && !self.is_given_up.load(Relaxed);
        let progress = self.connected_at + Duration::from_millis(self.progress.load(Relaxed));
        is_waited_for.then(|| progress.elapsed())
    }

    fn siblings(&self) -> usize {
        self.address
            .as_ref()
            .map_or(0, |address| address.connections.load(Relaxed))
    }
}

/// The bytes of one body that are in memory, given back when this is dropped.
pub(super) struct BodyBytes {
    clients: Arc<Clients>,
    client: Arc<Client>,
    counted: usize,
    seen: usize,
}

impl BodyBytes {
    /// No bytes yet.
    pub(super) fn new(clients: Arc<Clients>, client: Arc<Client>) -> Self {
        Self {
            clients,
            client,
            counted: 0,
            seen: 0,
        }
    }

    /// Counts received bytes; `false` if all clients, or this address, have too many in memory.
    #[must_use]
    pub(super) fn add(&mut self, bytes: usize) -> bool {
        self.seen += bytes;
        let more = self.seen.saturating_sub(FREE_BODY_BYTES) - self.counted;
        self.counted += more;
        let all = self.clients.body_bytes.fetch_add(more, Relaxed) + more;
        let own = self
            .client
            .address
            .as_ref()
            .map_or(0, |address| address.body_bytes.fetch_add(more, Relaxed) + more);
        more == 0 || (all <= MAX_BODY_BYTES && own <= MAX_BODY_BYTES / SHARES)
    }
}

impl Drop for BodyBytes {
    fn drop(&mut self) {
        self.clients.body_bytes.fetch_sub(self.counted, Relaxed);
        if let Some(address) = &self.client.address {
            address.body_bytes.fetch_sub(self.counted, Relaxed);
        }
    }
}

/// Of IPv6 the network that one customer has.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

/// How many files the process may have open, raised as far as the system lets it.
fn descriptors() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let current = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::debug!(%error, "the number of open files cannot be raised");
            limit.current
        }
    };
    current.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clients(slots: usize) -> Arc<Clients> {
        Arc::new(Clients {
            slots: Arc::new(Semaphore::new(slots)),
            share: slots / SHARES,
            connected: Mutex::default(),
            body_bytes: AtomicUsize::new(0),
        })
    }

    fn admit(clients: &Arc<Clients>, address: &str) -> Option<Slot> {
        let permit = clients.slots.clone().try_acquire_owned().unwrap();
        clients.admit(permit, address.parse().ok())
    }

    fn is_given_up(slot: &Slot) -> bool {
        slot.client.is_given_up.load(Relaxed)
    }

    #[test]
    fn an_address_with_too_many_connections_loses_its_idlest_and_none_that_is_busy() {
        let clients = clients(8);
        let (first, second) = (
            admit(&clients, "192.0.2.1").unwrap(),
            admit(&clients, "192.0.2.1").unwrap(),
        );
        let other = admit(&clients, "192.0.2.2").unwrap();
        first.client.set_busy(true);
        let third = admit(&clients, "192.0.2.1").unwrap();
        assert_eq!([&first, &second, &other].map(is_given_up), [false, true, false]);
        third.client.set_busy(true);
        assert!(admit(&clients, "192.0.2.1").is_none());
        drop((first, second, third));
        assert!(admit(&clients, "192.0.2.1").is_some());
        assert_eq!(clients.connected().addresses.len(), 1);
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_proxies_are_none() {
        let clients = clients(8);
        let _held: Vec<_> = ["2001:db8::1", "2001:db8::2"]
            .map(|address| admit(&clients, address))
            .into();
        let _other = admit(&clients, "2001:db8:0:1::1");
        assert_eq!(clients.connected().addresses.len(), 2);
        let _proxies: Vec<_> = (0..4).map(|_| admit(&clients, "unix").unwrap()).collect();
        assert!(_proxies.iter().all(|slot| !is_given_up(slot)));
    }

    #[test]
    fn bodies_of_one_address_leave_room_for_others_and_small_ones_always_pass() {
        let clients = clients(64);
        let body = |address: &str| {
            let slot = admit(&clients, address).unwrap();
            (BodyBytes::new(clients.clone(), slot.client.clone()), slot)
        };
        let mut held = Vec::new();
        let refused = (0..9).position(|_| {
            let (mut bytes, slot) = body("192.0.2.1");
            let is_taken = bytes.add(1 << 20);
            held.push((bytes, slot));
            !is_taken
        });
        assert_eq!(refused, Some(8));
        assert!(body("192.0.2.1").0.add(FREE_BODY_BYTES));
        assert!(body("192.0.2.2").0.add(1 << 20));
        drop(held);
        assert_eq!(clients.body_bytes.load(Relaxed), 0);
    }
}
