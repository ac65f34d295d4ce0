//! What the way through this server costs a request.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use super::{forwarding::behind, peer::with_peer};
use crate::support::server::Server;

/// Requests of each way in the short form.
const REQUESTS: usize = 200;

/// A client that keeps its connection.
struct Client {
    stream: BufReader<TcpStream>,
    times: Vec<Duration>,
}

impl Client {
    fn of(base: &str) -> Self {
        let stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream: BufReader::new(stream),
            times: Vec::new(),
        }
    }

    fn get(&mut self) {
        let started = Instant::now();
        let request = b"GET /cookies HTTP/1.1\r\nHost: blog.example\r\nCookie: a=1\r\n\r\n";
        self.stream.get_mut().write_all(request).unwrap();
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let start = head.len();
            assert_ne!(self.stream.read_line(&mut head).unwrap(), 0, "{head}");
            let line = head[start..].to_lowercase();
            length = line
                .strip_prefix("content-length: ")
                .map_or(length, |length| length.trim().parse().unwrap());
        }
        assert!(head.starts_with("HTTP/1.1 200 ") && length > 0, "{head}");
        self.stream.read_exact(&mut vec![0; length]).unwrap();
        self.times.push(started.elapsed());
    }

    /// The time that this share of the requests did not exceed, in milliseconds.
    fn quantile(&mut self, share: f64) -> f64 {
        self.times.sort_unstable();
        let rank = (self.times.len() as f64 * share) as usize;
        self.times[rank].as_secs_f64() * 1000.0
    }
}

/// With `UPSTREAM_LATENCY=2000` as many requests of each way, through the optimised build whose full path is
/// `TIMING_BINARY`, which may cost half of them a millisecond; otherwise few, and a bound for busy machines.
#[test]
fn the_way_through_costs_little() {
    let whole: Option<usize> = std::env::var("UPSTREAM_LATENCY").ok().map(|text| text.parse().unwrap());
    with_peer(|peer| {
        let mut config = behind(&peer.base);
        if whole.is_some() {
            let binary = std::env::var("TIMING_BINARY").expect("TIMING_BINARY names an optimised build");
            config = config.binary(binary.as_ref());
        }
        let server = Server::start(&config);
        let [mut direct, mut through] = [&peer.base, &server.base].map(|base| Client::of(base));
        for number in 0..whole.unwrap_or(REQUESTS) + 50 {
            // Neither is always the first, and what is made once is not counted.
            match number % 2 {
                0 => (direct.get(), through.get()),
                _ => (through.get(), direct.get()),
            };
            if number == 49 {
                direct.times.clear();
                through.times.clear();
            }
        }
        let [of_direct, of_through] =
            [&mut direct, &mut through].map(|client| [0.5, 0.99].map(|share| client.quantile(share)));
        let added = of_through[0] - of_direct[0];
        println!(
            "p50 {:.3} ms direct, {:.3} through, {added:.3} more; p99 {:.3} direct, {:.3} through",
            of_direct[0], of_through[0], of_direct[1], of_through[1]
        );
        let allowed = if whole.is_some() { 1.0 } else { 20.0 };
        assert!(added <= allowed, "{added:.3} ms more");
    });
}
