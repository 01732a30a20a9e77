//! Server with scripted faults. At any point of a request or of its answer, the server can close the connection, reset
//! it, or stall.
//!
//! The server records the bytes that it has read before it does anything that a client could notice. When a call has
//! ended, a test can therefore check these bytes.

use crate::service::{TIMEOUT, answer};
use socket2::{Domain, SockAddr, SockRef, Socket, Type};
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Fault for one request.
#[derive(Clone, Debug)]
pub struct Fault {
    /// How much of the request the server reads.
    pub reads: Reads,
    /// Bytes that the server sends. They may be an incomplete answer.
    pub sends: Vec<u8>,
    /// What happens to the connection after the answer.
    pub ends: Ends,
}

/// How much of a request the server reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// Nothing.
    Nothing,
    /// Nothing, but the server waits until data has arrived.
    Arrival,
    /// The given number of bytes.
    Bytes(usize),
    /// The request line and the headers.
    Head,
    /// All but the last byte of the body.
    AllButOne,
    /// The whole request.
    All,
}

/// What happens to a connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// The server closes the connection.
    Closes,
    /// The server resets the connection.
    Resets,
    /// The connection stays open, but the server sends no further data.
    Stalls,
    /// The connection stays open for the next request.
    GoesOn,
}

impl Fault {
    /// Reads the whole request, answers with these bytes, and closes the connection.
    pub fn answers(sends: impl Into<Vec<u8>>) -> Self {
        Self { reads: Reads::All, sends: sends.into(), ends: Ends::Closes }
    }

    /// Answers with HTTP 200 and this JSON.
    pub fn json(body: &str) -> Self {
        Self::answers(answer("200 OK", "application/json", body))
    }

    /// Reads as much of the request as `reads` specifies, sends nothing, and then ends the connection as `ends`
    /// specifies.
    pub fn silent(reads: Reads, ends: Ends) -> Self {
        Self { reads, sends: Vec::new(), ends }
    }
}

/// Server with scripted faults. Dropping this value stops it.
#[derive(Debug)]
pub struct Faulty {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    plan: Mutex<Plan>,
    seen: Mutex<Vec<Vec<u8>>>,
    stalled: Mutex<Vec<TcpStream>>,
    on_stall: Box<dyn Fn() + Send + Sync>,
    over: AtomicBool,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("plan", &self.plan).finish_non_exhaustive()
    }
}

/// One fault for each request. The last fault is also used for all further requests.
#[derive(Debug)]
struct Plan(VecDeque<Fault>);

impl Plan {
    fn next(&mut self) -> Fault {
        let front = self.0.front().cloned().expect("a plan has at least one fault");
        if self.0.len() > 1 {
            self.0.pop_front();
        }
        front
    }
}

impl Faulty {
    /// Starts a server that applies one fault to each request, in order, and the last fault to all further requests. It
    /// calls `on_stall` each time it stalls.
    pub fn start(plan: impl IntoIterator<Item = Fault>, on_stall: impl Fn() + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let address = listener.local_addr().expect("the port is known");
        let shared = Arc::new(Shared {
            plan: Mutex::new(Plan(plan.into_iter().collect())),
            seen: Mutex::default(),
            stalled: Mutex::default(),
            on_stall: Box::new(on_stall),
            over: AtomicBool::new(false),
        });
        let own = shared.clone();
        thread::spawn(move || {
            for connection in listener.incoming() {
                if own.over.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(connection) = connection else { return };
                let own = own.clone();
                // An open connection must not block the next one.
                thread::spawn(move || own.serve(connection));
            }
        });
        Self { address, shared }
    }

    /// Returns the URL of the server.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops the server. When this function returns, nothing listens on the port any more.
    pub fn stop(self) {
        let address = self.address;
        drop(self);
        // The thread keeps the port open until it notices that the server was stopped.
        while TcpStream::connect(address).is_ok() {
            thread::yield_now();
        }
    }

    /// Returns the bytes that were read of each request, in the order of the requests.
    pub fn seen(&self) -> Vec<Vec<u8>> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for connections.
        drop(TcpStream::connect(self.address));
        self.shared.stalled.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Shared {
    fn serve(&self, mut connection: TcpStream) {
        let _ = connection.set_read_timeout(Some(TIMEOUT));
        let _ = connection.set_nodelay(true);
        let mut first = true;
        loop {
            // Without this check, a connection that the client closes would count as another request.
            if !first && !has_arrived(&connection) {
                return;
            }
            first = false;
            let fault = self.plan.lock().unwrap_or_else(PoisonError::into_inner).next();
            let read = read(&mut connection, fault.reads);
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(read);
            let _ = connection.write_all(&fault.sends);
            match fault.ends {
                Ends::GoesOn => {}
                Ends::Closes => return,
                Ends::Resets => {
                    let _ = SockRef::from(&connection).set_linger(Some(Duration::ZERO));
                    return;
                }
                Ends::Stalls => {
                    self.stalled.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
                    return (self.on_stall)();
                }
            }
        }
    }
}

fn has_arrived(connection: &TcpStream) -> bool {
    connection.peek(&mut [0]).is_ok_and(|count| count > 0)
}

fn read(connection: &mut TcpStream, reads: Reads) -> Vec<u8> {
    let mut bytes = Vec::new();
    match reads {
        Reads::Nothing => {}
        Reads::Arrival => drop(has_arrived(connection)),
        Reads::Bytes(count) => drop(more(connection, count, &mut bytes)),
        Reads::Head => drop(head(connection, &mut bytes)),
        Reads::AllButOne | Reads::All => {
            let body = head(connection, &mut bytes);
            let left_out = usize::from(reads == Reads::AllButOne);
            match body {
                // A request without a body has no byte to omit.
                Some(0) | None => {}
                Some(body) => drop(more(connection, body - left_out, &mut bytes)),
            }
        }
    }
    bytes
}

/// Reads up to the empty line. Returns the length of the body, or `None` if the connection ended before the empty line.
fn head(connection: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<usize> {
    while !bytes.ends_with(b"\r\n\r\n") {
        more(connection, 1, bytes)?;
    }
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    Some(length.map_or(0, |length| length.trim().parse().expect("a length is a number")))
}

fn more(connection: &mut TcpStream, count: usize, bytes: &mut Vec<u8>) -> Option<()> {
    let mut piece = vec![0; count];
    connection.read_exact(&mut piece).ok()?;
    bytes.extend_from_slice(&piece);
    Some(())
}

/// Port that neither accepts nor refuses a connection, because its queue of new connections is full.
#[derive(Debug)]
pub struct Deaf {
    address: SocketAddr,
    _held: Vec<Socket>,
}

impl Deaf {
    /// Listens on a port and fills its queue.
    pub fn start() -> Self {
        let stream = || Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket can be made");
        let listener = stream();
        listener.bind(&SockAddr::from(SocketAddr::from(([127, 0, 0, 1], 0)))).expect("a loopback port is free");
        listener.listen(0).expect("a port can be listened on");
        let address = listener.local_addr().expect("the port is known");
        let mut held = vec![listener];
        // The operating system accepts a few connections more than the length of the queue.
        for _ in 0..4 {
            let filler = stream();
            filler.set_nonblocking(true).expect("a socket can be nonblocking");
            drop(filler.connect(&address));
            held.push(filler);
        }
        Self { address: address.as_socket().expect("an internet address"), _held: held }
    }

    /// Returns the URL of the port.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}
