//! A database of its own for every story, on the backend that the story is told on.

use std::{env, fs};
use tempfile::TempDir;
use tokio_postgres::NoTls;

/// The two databases that every story is told on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file in a folder of its own.
    Sqlite,
    /// A database of its own on the server of `APPORTION_TEST_POSTGRES_URL`.
    Postgres,
}

/// An empty database that goes when the story ends.
pub struct Database {
    /// What `database.url` is set to.
    pub url: String,
    kept: Kept,
}

enum Kept {
    /// The folder is removed when this is dropped.
    Folder(TempDir),
    Named {
        server: String,
        name: String,
    },
}

impl Database {
    /// Makes one.
    pub async fn create(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                let folder = tempfile::tempdir().expect("a folder can be made");
                let url = format!("sqlite://{}", folder.path().join("apportion.db").display());
                Self {
                    url,
                    kept: Kept::Folder(folder),
                }
            }
            Backend::Postgres => {
                let server = server();
                let name = drawn_name();
                execute(&server, &format!("CREATE DATABASE {name}")).await;
                Self {
                    url: with_database(&server, &name),
                    kept: Kept::Named { server, name },
                }
            }
        }
    }

    /// Everything that is in it, as it lies there: the files of SQLite, or every row of every table as text. Bytes that
    /// are no text stand in it as hexadecimal digits on PostgreSQL.
    pub async fn contents(&self) -> Vec<u8> {
        match &self.kept {
            Kept::Folder(folder) => {
                let files = fs::read_dir(folder.path()).expect("the folder can be read");
                let read = |file: std::io::Result<fs::DirEntry>| {
                    fs::read(file.expect("it is a file").path()).expect("a file can be read")
                };
                files.flat_map(read).collect()
            }
            Kept::Named { server, name } => rows(&with_database(server, name)).await.into_bytes(),
        }
    }

    /// Removes it. Connections that are still open are closed by the server.
    pub async fn remove(self) {
        if let Kept::Named { server, name } = &self.kept {
            execute(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

/// A story that cannot be told fails: it is never left out.
fn server() -> String {
    env::var("APPORTION_TEST_POSTGRES_URL").unwrap_or_else(|_| {
        panic!("APPORTION_TEST_POSTGRES_URL names no PostgreSQL; tests/run starts one and removes it again")
    })
}

async fn execute(server: &str, statement: &str) {
    let (client, connection) = tokio_postgres::connect(server, NoTls)
        .await
        .expect("PostgreSQL answers");
    let connection = tokio::spawn(connection);
    client
        .batch_execute(statement)
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
    drop(client);
    let _ = connection.await;
}

/// Every row of every table, as text.
async fn rows(url: &str) -> String {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("PostgreSQL answers");
    let connection = tokio::spawn(connection);
    let tables = "SELECT table_schema || '.' || table_name FROM information_schema.tables \
                  WHERE table_schema NOT IN ('pg_catalog', 'information_schema')";
    let mut text = String::new();
    for table in client.query(tables, &[]).await.expect("tables can be listed") {
        let table: &str = table.get(0);
        let all = format!("SELECT row_to_json(one)::text FROM {table} one");
        for row in client.query(&all, &[]).await.expect("a table can be read") {
            text += row.get(0);
            text.push('\n');
        }
    }
    drop(client);
    let _ = connection.await;
    text
}

/// The server's URL with another database: what follows the last slash, but for parameters.
fn with_database(server: &str, name: &str) -> String {
    let (address, parameters) = server
        .split_once('?')
        .map_or((server, None), |(address, rest)| (address, Some(rest)));
    let (host, _) = address.rsplit_once('/').expect("the URL names a database");
    let parameters = parameters.map(|rest| format!("?{rest}")).unwrap_or_default();
    format!("{host}/{name}{parameters}")
}

/// A name that no other story has, whichever process tells it.
#[expect(clippy::disallowed_methods, reason = "a test draws for itself")]
fn drawn_name() -> String {
    format!("story_{}", uuid::Uuid::new_v4().simple())
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_is_exchanged() {
        assert_eq!(with_database("postgres://u@h:1/a", "b"), "postgres://u@h:1/b");
        assert_eq!(with_database("postgres://u@h/a?x=y", "b"), "postgres://u@h/b?x=y");
    }
}
