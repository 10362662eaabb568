//! The run: what is measured, in which order, and for how long.

use crate::figures::{Backend, Figures, Floors, Machine, SLOW_GATEWAY_MS};
use crate::load::{self, CONNECTIONS, Load, Rate, Until};
use crate::postgres::Postgres;
use crate::process::{self, Server};
use crate::product::{self, Product};
use crate::{bells, disk, market, profile};
use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use serde_json::json;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a load runs before it is measured.
const WARM: Duration = Duration::from_secs(2);
/// How long a load is measured.
const MEASURED: Duration = Duration::from_secs(8);
/// How often a start is measured.
const STARTS: usize = 5;

/// What a run is told.
#[derive(Args)]
pub struct Options {
    /// The product's binary.
    #[arg(long)]
    apportion: PathBuf,
    /// A PostgreSQL that databases may be made in: postgres://user@host:port/database.
    #[arg(long)]
    postgres: String,
    /// PostgreSQL's own load generator.
    #[arg(long)]
    pgbench: PathBuf,
    /// An empty folder on the disk that is to be measured.
    #[arg(long)]
    folder: PathBuf,
    /// Prints JSON instead of a table.
    #[arg(long)]
    pub json: bool,
    /// Exits with 1 when a limit does not hold.
    #[arg(long)]
    pub check: bool,
    /// Only says where the time goes while payments are created on this database.
    #[arg(long, value_name = "BACKEND")]
    pub profile: Option<Name>,
    /// … with a gateway that takes its time.
    #[arg(long, requires = "profile")]
    pub slow: bool,
}

/// The databases.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Name {
    /// An SQLite file.
    Sqlite,
    /// A database of the PostgreSQL that was lent to us.
    Postgres,
}

/// Measures everything.
pub async fn run(options: &Options) -> Result<Figures> {
    let machine = machine()?;
    say("disk");
    let fdatasync_per_second = disk::fdatasync_per_second(&options.folder, WARM)?;

    let (sqlite, answer_bytes) = backend(options, Name::Sqlite).await?;
    say("floors");
    let (constant, proxy, proxy_slow) = floors(options, answer_bytes).await?;
    say("postgres: log");
    postgres(options).run_in().await?;
    let (on_postgres, _) = backend(options, Name::Postgres).await?;
    say("pgbench");
    let tpcb_per_second = postgres(options).tpcb_per_second(MEASURED.as_secs()).await?;
    let floors = Floors {
        constant,
        proxy,
        proxy_slow,
        fdatasync_per_second,
        tpcb_per_second,
    };
    Ok(Figures {
        machine,
        floors,
        sqlite,
        postgres: on_postgres,
    })
}

/// The functions that take most of our time while payments are created.
pub async fn profile(options: &Options, name: Name) -> Result<String> {
    let stage = Stage::set(options, name).await?;
    let (server, _) = stage.product(options).serve().await?;
    let key = market::open(server.address).await?;
    let checkouts = market::checkouts(server.address, "/v1/payments", &key, stage.name);
    if options.slow {
        slow(stage.sandbox.address, SLOW_GATEWAY_MS).await?;
    }
    checkouts.run(Until::Passed(WARM)).await?;
    profile::record(&server, &checkouts, MEASURED, &stage.folder).await
}

/// What the product is measured with: a folder, a gateway, and a database that has its tables.
struct Stage {
    name: &'static str,
    folder: PathBuf,
    sandbox: Server,
    database: String,
}

impl Stage {
    async fn set(options: &Options, name: Name) -> Result<Self> {
        let (name, database) = match name {
            Name::Sqlite => (
                "sqlite",
                format!("sqlite://{}", options.folder.join("apportion.db").display()),
            ),
            Name::Postgres => ("postgres", postgres(options).database("apportion").await?),
        };
        let folder = options.folder.join(name);
        fs::create_dir(&folder)?;
        let sandbox = product::sandbox(&options.apportion, &folder).await?;
        let stage = Self {
            name,
            folder,
            sandbox,
            database,
        };
        if name == "postgres" {
            stage.product(options).run("migrate")?;
        }
        Ok(stage)
    }

    fn product<'a>(&'a self, options: &'a Options) -> Product<'a> {
        let Self {
            folder,
            sandbox,
            database,
            ..
        } = self;
        Product {
            program: &options.apportion,
            folder,
            gateway: sandbox.address,
            database,
        }
    }
}

/// Measures the product on one database; its figures, and how long the answer to a new payment is.
async fn backend(options: &Options, name: Name) -> Result<(Backend, usize)> {
    let stage = Stage::set(options, name).await?;
    let (name, gateway, product) = (stage.name, stage.sandbox.address, stage.product(options));
    say(&format!("{name}: start"));
    let (first_start_ms, start_ms) = starts(&product).await?;
    let (server, _) = product.serve().await?;
    let memory_idle = server.memory()?;
    let key = market::open(server.address).await?;

    say(&format!("{name}: notifications"));
    write_out()?;
    let checkouts = market::checkouts(server.address, "/v1/payments", &key, name);
    let notifications = bells::measure(&server, gateway, &key, &checkouts).await?;
    say(&format!("{name}: payments"));
    let created = measure(&server, &checkouts).await?;
    let answer_bytes = length(&checkouts).await?;
    say(&format!("{name}: balances"));
    let balances = measure(&server, &market::balances(server.address, &key)).await?;
    say(&format!("{name}: payments, slow gateway"));
    slow(gateway, SLOW_GATEWAY_MS).await?;
    let created_slow = measure(&server, &checkouts).await?;
    let memory_loaded = server.memory()?;
    server.stop().await?;
    say(&format!("{name}: verify"));
    product.run("verify")?;
    let figures = Backend {
        created,
        created_slow,
        notifications,
        balances,
        memory_idle,
        memory_loaded,
        first_start_ms,
        start_ms,
    };
    Ok((figures, answer_bytes))
}

/// The first start, and the median of the next, in milliseconds.
async fn starts(product: &Product<'_>) -> Result<(f64, f64)> {
    let mut took = Vec::with_capacity(STARTS);
    let milliseconds = |time: Duration| time.as_secs_f64() * 1_000.0;
    let (server, first) = product.serve().await?;
    server.stop().await?;
    for _ in 0..STARTS {
        let (server, time) = product.serve().await?;
        took.push(milliseconds(time));
        server.stop().await?;
    }
    took.sort_by(f64::total_cmp);
    Ok((milliseconds(first), took[STARTS / 2]))
}

async fn floors(options: &Options, answer_bytes: usize) -> Result<(Rate, Rate, Rate)> {
    let folder = options.folder.join("floors");
    fs::create_dir(&folder)?;
    let sandbox = product::sandbox(&options.apportion, &folder).await?;
    let (listen, gateway) = (process::free_address()?, format!("http://{}", sandbox.address));
    let mut command = Command::new(std::env::current_exe()?);
    let credentials = format!("{}:{}", market::SITE, market::GATEWAY_KEY);
    command.args([
        "floor",
        "--listen",
        &listen.to_string(),
        "--gateway",
        &gateway,
        "--credentials",
        &credentials,
    ]);
    command.args(["--key", market::ADMIN_KEY, "--answer-bytes", &answer_bytes.to_string()]);
    let mut floor = Server::start("floor", command, listen, &folder)?;
    floor.first_answer("/livez").await?;
    let checkouts = |path, series| market::checkouts(floor.address, path, market::ADMIN_KEY, series);
    let constant = measure(&floor, &checkouts("/constant", "constant")).await?;
    let proxied = checkouts("/proxy", "proxy");
    let proxy = measure(&floor, &proxied).await?;
    slow(sandbox.address, SLOW_GATEWAY_MS).await?;
    let proxy_slow = measure(&floor, &proxied).await?;
    Ok((constant, proxy, proxy_slow))
}

/// Warms up, then measures.
async fn measure(server: &Server, load: &Load) -> Result<Rate> {
    write_out()?;
    load.run(Until::Passed(WARM)).await?;
    let cpu = server.cpu()?;
    let run = load.run(Until::Passed(MEASURED)).await?;
    Ok(run.rate(server.cpu()? - cpu))
}

/// Has the system write to the disk what earlier loads have left in its memory. It does so by itself after half a minute,
/// all at once, and then everybody who waits for the disk waits for that: a hundred milliseconds for two hundred mebibytes.
fn write_out() -> Result<()> {
    let written = Command::new("sync").status()?;
    ensure!(written.success(), "sync failed");
    Ok(())
}

/// How long an answer is, in bytes.
async fn length(load: &Load) -> Result<usize> {
    let lengths: Arc<Mutex<Vec<usize>>> = Arc::default();
    let keep = Arc::clone(&lengths);
    let keep: Arc<load::Keep> = Arc::new(move |_, body: &[u8]| {
        keep.lock().expect("no sender has panicked").push(body.len());
    });
    load.run_keeping(Until::Sent(60), keep).await?;
    let lengths = lengths.lock().expect("no sender has panicked");
    Ok(lengths.iter().sum::<usize>() / lengths.len().max(1))
}

async fn slow(gateway: SocketAddr, milliseconds: u64) -> Result<()> {
    product::configure(gateway, &json!({"delay_ms": milliseconds})).await
}

fn postgres(options: &Options) -> Postgres<'_> {
    Postgres {
        server: &options.postgres,
        pgbench: &options.pgbench,
    }
}

fn machine() -> Result<Machine> {
    let load = fs::read_to_string("/proc/loadavg")?;
    let processors = fs::read_to_string("/proc/cpuinfo")?;
    let name = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    Ok(Machine {
        cores: std::thread::available_parallelism()?.get(),
        processor: name
            .map_or("a processor without a name", |(_, name)| name.trim())
            .to_owned(),
        load_before: load.split(' ').next().unwrap_or_default().parse()?,
        connections: CONNECTIONS,
    })
}

/// Progress goes to stderr: stdout is the report.
fn say(what: &str) {
    eprintln!("== {what}");
}
