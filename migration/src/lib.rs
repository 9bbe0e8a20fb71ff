//! The history of the database: one module a revision, listed in order.

pub use sea_orm_migration::prelude::{MigrationTrait, MigratorTrait};

/// Every revision of this project.
#[derive(Clone, Copy, Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![]
    }
}
