//! HTTP/1.1 as far as both sides of the product speak it, with every moment between two bytes in our hands.

use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The largest message that is read.
const MESSAGE_MAX: usize = 16 * 1024 * 1024;

/// One connection, from either side.
pub struct Wire {
    stream: TcpStream,
    inbox: Vec<u8>,
}

/// A message as it came.
pub struct Message {
    /// The request line or the status line.
    pub first: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Message {
    /// The value of this header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The status of an answer.
    pub fn status(&self) -> u16 {
        self.first
            .get(9..12)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    }
}

impl Wire {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        Self::over(TcpStream::connect(address).await?)
    }

    /// Speaks over this stream.
    pub fn over(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            inbox: Vec::with_capacity(8 * 1024),
        })
    }

    /// Sends all of these bytes.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Reads a whole message.
    pub async fn receive(&mut self) -> io::Result<Message> {
        let end = loop {
            if let Some(end) = self.inbox.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            self.more().await?;
        };
        let head = String::from_utf8_lossy(&self.inbox[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let first = lines.next().unwrap_or_default().to_owned();
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length: usize = length.map_or(Ok(0), |(_, value)| value.parse()).map_err(garbled)?;
        if headers.iter().any(|(name, _)| name == "transfer-encoding") || length > MESSAGE_MAX {
            return Err(garbled("a body of unknown length"));
        }
        while self.inbox.len() < end + 4 + length {
            self.more().await?;
        }
        let rest = self.inbox.split_off(end + 4 + length);
        let body = self.inbox.split_off(end + 4);
        self.inbox = rest;
        Ok(Message { first, headers, body })
    }

    async fn more(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.inbox).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// A whole request.
pub fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    message(&format!("{method} {target} HTTP/1.1\r\nhost: campaign"), headers, body)
}

/// A whole answer.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    message(&format!("HTTP/1.1 {status} x"), headers, body)
}

fn message(first: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{first}\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn garbled(why: impl ToString) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_string())
}
