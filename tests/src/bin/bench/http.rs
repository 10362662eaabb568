//! The lightest client that keeps a connection: the load generator must not compete with what it measures.

use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection that is used for one request after the other.
pub struct Connection {
    stream: TcpStream,
    inbox: Vec<u8>,
}

/// An answer, read as far as a load needs it.
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            inbox: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends a whole request and reads the whole answer.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.inbox.clear();
        let head = loop {
            if let Some(head) = Head::read(&self.inbox)? {
                break head;
            }
            self.receive().await?;
        };
        let end = head.length + head.body;
        while self.inbox.len() < end {
            self.receive().await?;
        }
        Ok(Answer {
            status: head.status,
            body: &self.inbox[head.length..end],
        })
    }

    async fn receive(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.inbox).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// Writes a request with a body, which may be empty.
pub fn write(into: &mut Vec<u8>, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) {
    for part in [method, " ", path, " HTTP/1.1\r\nhost: bench\r\n"] {
        into.extend_from_slice(part.as_bytes());
    }
    for (name, value) in headers {
        for part in [name, ": ", value, "\r\n"] {
            into.extend_from_slice(part.as_bytes());
        }
    }
    into.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    into.extend_from_slice(body);
}

struct Head {
    status: u16,
    /// With the empty line.
    length: usize,
    body: usize,
}

impl Head {
    /// Reads a head, or nothing if it is not there to its end. A body without an announced length is not understood.
    fn read(inbox: &[u8]) -> io::Result<Option<Self>> {
        let Some(end) = inbox.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&inbox[..end]).map_err(|_| garbled("a head that is no text"))?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.get(9..12)?.parse().ok());
        let status: u16 = status.ok_or_else(|| garbled("no status line"))?;
        let length = lines.find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse().ok())
        });
        let body = match length {
            Some(length) => length.ok_or_else(|| garbled("a length that is no number"))?,
            None if status == 204 || status == 304 => 0,
            None => return Err(garbled("an answer without Content-Length")),
        };
        Ok(Some(Self {
            status,
            length: end + 4,
            body,
        }))
    }
}

fn garbled(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
