//! A log that cannot be written is no reason not to serve.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use super::{call, cheap};
use crate::support::server::{LogReader, Server};

#[test]
fn requests_are_answered_and_a_signal_is_obeyed_where_the_log_cannot_be_written() {
    for log in [LogReader::Gone, LogReader::Full, LogReader::Stuck] {
        // A pipe holds 64 KiB, which trace fills with a few requests.
        let server = Server::start(&cheap().env("LOG", "trace").log(log));
        for _ in 0..200 {
            let answer = call(&server, "GET", "/api/users", None, None);
            assert_eq!(answer.status, 401, "{}", answer.reason);
        }
        let stopping = Instant::now();
        let pid = server.pid().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert_eq!(server.wait(), Some(0));
        assert!(stopping.elapsed() < Duration::from_secs(10), "{:?}", stopping.elapsed());
    }
}
