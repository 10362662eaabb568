#![doc = include_str!("../README.md")]

pub mod acts;
pub mod balances;
pub mod belief;
pub mod carts;
pub mod database;
pub mod http;
pub mod json;
pub mod mask;
pub mod outside;
pub mod people;
pub mod process;
pub mod stage;
pub mod transcript;
pub mod world;

pub use belief::Loose;
pub use database::Backend;
pub use stage::Stage;
pub use world::World;

/// Tells each of these stories, `async fn name(stage: Stage)`, on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! both {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$story($crate::Stage::new(stringify!($story), $crate::Backend::Sqlite)).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$story($crate::Stage::new(stringify!($story), $crate::Backend::Postgres)).await;
            }
        }
    )+};
}
