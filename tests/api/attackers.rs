//! Many clients that are slow on purpose, beside one that is not.
//!
//! The suite has a short form with 200 connections. All of it, with 2000, takes some minutes:
//! `ATTACKERS=2000 cargo test --release --test suite -- api::attackers --nocapture --test-threads 1`

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use socket2::{Domain, Protocol, Socket, Type};

use super::cheap;
use crate::support::server::{Server, ServerConfig};

/// A file that is larger than what the system takes for a client that does not read.
const LARGE_FILE_BYTES: usize = 8 << 20;

/// How attackers behave.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    SlowHead,
    DripHead,
    SlowBody,
    MebibyteThenSilent,
    Silent,
    StalledReader,
    DripReader,
    Idle,
}

const KINDS: [Kind; 8] = [
    Kind::SlowHead,
    Kind::DripHead,
    Kind::SlowBody,
    Kind::MebibyteThenSilent,
    Kind::Silent,
    Kind::StalledReader,
    Kind::DripReader,
    Kind::Idle,
];

impl Kind {
    /// What is sent at once.
    fn start(self) -> Vec<u8> {
        let login = "POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length";
        let file = "GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n";
        match self {
            Self::SlowHead => b"GET /api/users HTTP/1.1\r\nHost: x\r\nX: ".to_vec(),
            Self::DripHead | Self::Silent => Vec::new(),
            Self::SlowBody => format!("{login}: 60000\r\n\r\n{{").into_bytes(),
            Self::MebibyteThenSilent => {
                let mut bytes = format!("{login}: {}\r\n\r\n", 1 << 20).into_bytes();
                bytes.resize(bytes.len() + (1 << 20) - 1, b' ');
                bytes
            }
            Self::StalledReader | Self::DripReader => file.repeat(20).into_bytes(),
            Self::Idle => b"GET /api/users HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        }
    }

    /// What is sent, or taken, each second.
    fn drip(self, stream: &mut Socket) {
        let _ = match self {
            Self::DripHead => stream.write(b"G"),
            Self::SlowBody => stream.write(b" "),
            Self::DripReader => stream.read(&mut [0]),
            _ => Ok(0),
        };
    }
}

/// How many attackers there are, and whether figures count.
fn attackers() -> (usize, bool) {
    match std::env::var("ATTACKERS") {
        Ok(number) => (number.parse().expect("ATTACKERS is a number"), true),
        Err(_) => (200, false),
    }
}

/// A folder with a large file, and a server of it.
fn start(config: ServerConfig) -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "front page").unwrap();
    fs::write(folder.path().join("large.bin"), vec![b'x'; LARGE_FILE_BYTES]).unwrap();
    let config = config.env("STATIC_DIR", folder.path().to_str().unwrap());
    (Server::start(&config), folder)
}

fn address_of(server: &Server) -> SocketAddr {
    server.base.trim_start_matches("http://").parse().unwrap()
}

/// A connection from `source` that has sent what it sends at once; `None` if it was closed meanwhile.
fn attack(from: Ipv4Addr, server: SocketAddr, kind: Kind) -> Option<Socket> {
    let mut socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap();
    if kind == Kind::StalledReader || kind == Kind::DripReader {
        socket.set_recv_buffer_size(4096).unwrap();
    }
    socket.bind(&SocketAddr::from((from, 0)).into()).unwrap();
    socket.connect_timeout(&server.into(), Duration::from_secs(20)).ok()?;
    socket.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    let bytes = kind.start();
    if let Err(error) = socket.write_all(&bytes)
        && error.kind() != ErrorKind::WouldBlock
    {
        return None;
    }
    socket.set_nonblocking(true).unwrap();
    Some(socket)
}

/// Sockets that a process has open.
fn sockets(pid: u32) -> usize {
    let files = fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let links = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
    links
        .filter(|link| link.to_string_lossy().starts_with("socket:"))
        .count()
}

/// The most memory that a process has had, in MiB.
fn peak_memory(pid: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() / 1024
}

/// The processor time that a process has used.
fn cpu_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    // User and system time, in hundredths of a second.
    let ticks = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// How long a request on a connection of its own takes to be answered.
fn ask(server: SocketAddr) -> Result<Duration, String> {
    let started = Instant::now();
    let mut stream = TcpStream::connect_timeout(&server, Duration::from_secs(20)).map_err(|e| e.to_string())?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let request = b"GET /api/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let mut answer = Vec::new();
    stream
        .write_all(request)
        .and_then(|()| stream.read_to_end(&mut answer))
        .map_err(|e| e.to_string())?;
    match answer.starts_with(b"HTTP/1.1 401") {
        true => Ok(started.elapsed()),
        false => Err(String::from_utf8_lossy(&answer).into_owned()),
    }
}

/// A client that asks all the time, as anybody does.
struct GoodClient {
    stop: Arc<AtomicBool>,
    asking: JoinHandle<Vec<Result<Duration, String>>>,
}

impl GoodClient {
    fn start(server: SocketAddr) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let stopped = stop.clone();
        let asking = thread::spawn(move || {
            let mut answers = Vec::new();
            while !stopped.load(Relaxed) {
                answers.push(ask(server));
                thread::sleep(Duration::from_millis(20));
            }
            answers
        });
        Self { stop, asking }
    }

    /// Fails unless all was answered; gives the slowest of a hundred, and the slowest.
    fn stop(self) -> (Duration, Duration) {
        self.stop.store(true, Relaxed);
        let answers: Result<Vec<Duration>, String> = self.asking.join().unwrap().into_iter().collect();
        let mut times = answers.expect("the good client must be answered");
        times.sort();
        (times[times.len() * 99 / 100], times[times.len() - 1])
    }
}

/// Attacks in these ways until all attackers are closed; gives how long that took.
fn attack_until_closed(server: &Server, kinds: &[Kind], attackers: usize) -> Duration {
    let (address, pid) = (address_of(server), server.pid());
    let before = sockets(pid);
    let started = Instant::now();
    let from = Ipv4Addr::new(127, 0, 0, 2);
    let attacks = kinds.iter().cycle().take(attackers);
    let mut held: Vec<(Kind, Socket)> = attacks
        .filter_map(|kind| Some((*kind, attack(from, address, *kind)?)))
        .collect();
    let connected = Instant::now();
    let mut next_drip = connected;
    loop {
        if Instant::now() > next_drip {
            held.iter_mut().for_each(|(kind, socket)| kind.drip(socket));
            next_drip = Instant::now() + Duration::from_secs(1);
        }
        // The good client may have one or two.
        if sockets(pid) <= before + 2 {
            return connected.elapsed();
        }
        let open = sockets(pid) - before;
        assert!(
            started.elapsed() < Duration::from_secs(80),
            "{kinds:?}: {open} are open"
        );
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn slow_clients_are_closed_in_time_while_a_good_one_is_answered_within_bounded_memory() {
    let (number, counts) = attackers();
    let fidelities = if counts { &["safe", "flask"][..] } else { &["safe"] };
    for fidelity in fidelities {
        let key = "a test key of at least thirty-two bytes!";
        let config = cheap().env("FLASK_FIDELITY", fidelity).env("SECRET_KEY", key);
        let (server, _folder) = start(config);
        let good = GoodClient::start(address_of(&server));
        // One after the other with all, at the same time with few.
        for kinds in KINDS.chunks(if counts { 1 } else { KINDS.len() }) {
            let closed = attack_until_closed(&server, kinds, number);
            let memory = peak_memory(server.pid());
            eprintln!("{fidelity} {kinds:?}: closed in {closed:?}, at most {memory} MiB");
            assert!(closed < Duration::from_secs(30), "{kinds:?}: {closed:?}");
            assert!(memory < 256, "{kinds:?}: {memory} MiB");
        }
        let (slow, slowest) = good.stop();
        eprintln!("{fidelity}: p99 {slow:?}, slowest {slowest:?}");
        assert!(!counts || slow < Duration::from_millis(250), "{slow:?}");
    }
}

#[test]
fn a_good_client_is_answered_where_few_files_may_be_open() {
    let (number, _) = attackers();
    let (server, _folder) = start(cheap().open_files(256));
    let address = address_of(&server);
    let good = GoodClient::start(address);
    let mut held = Vec::new();
    for kind in KINDS {
        held.extend((0..number / 8).filter_map(|_| attack(Ipv4Addr::new(127, 0, 0, 2), address, kind)));
    }
    thread::sleep(Duration::from_secs(2));
    let (slow, slowest) = good.stop();
    eprintln!("256 files: p99 {slow:?}, slowest {slowest:?}");
    assert!(!server.output().contains("cannot accept"), "{}", server.output());
}

#[test]
fn a_good_client_is_answered_beside_attackers_of_300_addresses() {
    let (number, counts) = attackers();
    let (each, config) = match counts {
        true => (number / 100, cheap()),
        // As many as there are places, of which there are few then.
        false => (1, cheap().open_files(256)),
    };
    let (server, _folder) = start(config);
    let (address, pid) = (address_of(&server), server.pid());
    let (started, cpu) = (Instant::now(), cpu_time(pid));
    let good = GoodClient::start(address);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for part in 0..4 {
            let stop = &stop;
            scope.spawn(move || {
                let mut held = Vec::new();
                while !stop.load(Relaxed) {
                    held.clear();
                    for source in (0..300_u32).filter(|source| source % 4 == part) {
                        let from = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 0, 1, 1)) + source);
                        let kind = KINDS[source as usize / 4 % KINDS.len()];
                        held.extend((0..each).filter_map(|_| attack(from, address, kind)));
                    }
                    thread::sleep(Duration::from_secs(2));
                }
            });
        }
        thread::sleep(Duration::from_secs(if counts { 60 } else { 6 }));
        stop.store(true, Relaxed);
    });
    let (slow, slowest) = good.stop();
    let (spent, used) = (started.elapsed(), cpu_time(pid) - cpu);
    eprintln!("300 addresses: p99 {slow:?}, slowest {slowest:?}, processor {used:?} of {spent:?}");
    assert!(slowest < Duration::from_secs(20), "{slowest:?}");
    // What is left of the attack ends by itself, and with nobody asking nothing is done.
    let ended = Instant::now();
    while sockets(pid) > 30 && ended.elapsed() < Duration::from_secs(40) {
        thread::sleep(Duration::from_millis(100));
    }
    let cpu = cpu_time(pid);
    thread::sleep(Duration::from_secs(2));
    assert!(
        cpu_time(pid) - cpu < Duration::from_millis(200),
        "{:?}",
        cpu_time(pid) - cpu
    );
    ask(address).unwrap();
}

/// Asks a server to stop and waits until it does.
fn stop(server: Server) -> Duration {
    let stopping = Instant::now();
    let pid = server.pid().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(server.wait(), Some(0));
    stopping.elapsed()
}

#[test]
fn a_signal_ends_a_server_with_stalled_readers_and_one_with_all_places_taken() {
    let (server, _folder) = start(cheap());
    let address = address_of(&server);
    let from = Ipv4Addr::new(127, 0, 0, 2);
    let held: Vec<Socket> = (0..300)
        .filter_map(|_| attack(from, address, Kind::StalledReader))
        .collect();
    assert_eq!(held.len(), 300);
    let (full, _other_folder) = start(cheap().open_files(256));
    let address = address_of(&full);
    let sources = (1..=150).map(|last| Ipv4Addr::new(127, 0, 1, last));
    let others: Vec<Socket> = sources
        .filter_map(|from| attack(from, address, Kind::StalledReader))
        .collect();
    thread::sleep(Duration::from_millis(500));
    let stopped = thread::scope(|scope| {
        let first = scope.spawn(|| stop(server));
        [stop(full), first.join().unwrap()]
    });
    eprintln!("stopped in {stopped:?}");
    drop((held, others));
    assert!(
        stopped.iter().all(|time| *time < Duration::from_secs(30)),
        "{stopped:?}"
    );
}
