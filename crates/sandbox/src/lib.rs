//! The other side: a faithful local Smart2Pay with its own books, faults, pay page and notifier.
