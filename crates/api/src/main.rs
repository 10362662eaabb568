//! The one binary, `apportion`.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = api::cli::Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where the runtime is started"
    )]
    let done = match runtime {
        Ok(runtime) => runtime.block_on(api::cli::run(cli)),
        Err(error) => Err(error.into()),
    };
    done.unwrap_or_else(|error| {
        // Nobody is left to tell that stderr is closed.
        let _ = writeln!(std::io::stderr(), "error: {error:#}");
        ExitCode::FAILURE
    })
}
