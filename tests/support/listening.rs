//! Waiting for another program, such as an app in Python, to listen.

use std::{
    net::TcpStream,
    process::Child,
    thread,
    time::{Duration, Instant},
};

/// Waits until a program accepts connections on a port of the loopback.
pub fn wait_until_listening(program: &mut Child, port: u16) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "the app does not listen");
        assert_eq!(program.try_wait().unwrap(), None, "the app has ended");
        thread::sleep(Duration::from_millis(50));
    }
}
