//! The history of the database: one module a revision, listed in order.

pub use sea_orm_migration::prelude::{MigrationTrait, MigratorTrait};

mod m20261116_090000_create_users_and_projects;
mod m20261116_101500_create_tasks;
mod m20261117_083000_add_tags;
mod m20261117_084500_seed_tags;
mod m20261118_090210_add_comments;
mod m20261119_101500_add_full_name;
mod m20261120_113000_index_tasks_by_status;

/// Every revision of this project.
#[derive(Clone, Copy, Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261116_090000_create_users_and_projects::Migration),
            Box::new(m20261116_101500_create_tasks::Migration),
            Box::new(m20261117_083000_add_tags::Migration),
            Box::new(m20261117_084500_seed_tags::Migration),
            Box::new(m20261118_090210_add_comments::Migration),
            Box::new(m20261119_101500_add_full_name::Migration),
            Box::new(m20261120_113000_index_tasks_by_status::Migration),
        ]
    }
}
