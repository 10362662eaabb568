//! The harness of the journeys: a world with a real API, a real sandbox and a database of its own.
