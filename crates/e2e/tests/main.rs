//! The developer's loop, with real Cargo in a copy of the template: edit an entity, let the
//! revision be written, apply it, take it back; on SQLite and on PostgreSQL.
//!
//! It is one test with many steps, since each step compiles the project, and the steps build on
//! each other as a project's history does. Another one brings Seachange into a project that has
//! migrations already.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

mod adopt;
mod change;
mod page;
mod project;
mod pty;
mod refusals;
mod steps;

use project::Project;
use tests::engines;

#[tokio::test]
async fn the_developers_loop() {
    let project = Project::new();
    let databases = engines().await;
    steps::begin(&project, &databases).await;
    steps::drift(&project, &databases).await;
    steps::sea_orm_cli(&project).await;
    steps::add_fields_and_keys(&project, &databases).await;
    steps::add_an_entity(&project, &databases).await;
    steps::change_types_and_drop_a_field(&project, &databases).await;
    steps::drop_an_entity(&project, &databases).await;
    steps::rename(&project, &databases).await;
    refusals::of_writing(&project, &databases).await;
    refusals::of_running(&project, &databases).await;
    refusals::of_entities(&project, &databases).await;
}

#[tokio::test]
async fn a_project_that_has_migrations() {
    let project = Project::existing();
    let databases = engines().await;
    adopt::follow_the_page(&project);
    adopt::behind(&project, &databases).await;
    adopt::first_look(&project, &databases).await;
    adopt::first_revision(&project, &databases).await;
}
