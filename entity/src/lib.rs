//! Seachange.
