//! Benchmarks of Seachange; see `benches/`.
