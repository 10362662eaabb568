//! The rulebook: what may happen to a payment and where every cent goes. Pure.
