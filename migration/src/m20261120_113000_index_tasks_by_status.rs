//! List tasks by status and due time; keep priorities in range.

use sea_orm_migration::prelude::*;
use seachange::{Operations, Revision};

#[seachange::revision(revises = "m20261119_101500_add_full_name")]
pub struct Migration;

impl Revision for Migration {
    fn up(&self, op: &mut Operations) {
        // locks: writes to `tasks` wait while the index is built (PostgreSQL, SQLite)
        op.create_index("idx-tasks-status-due_at", "tasks", ["status", "due_at"]);
        op.create_check(
            "ck-tasks-priority",
            "tasks",
            Expr::cust("\"priority\" BETWEEN 0 AND 5"),
        );
    }

    fn down(&self, op: &mut Operations) {
        op.drop_check("ck-tasks-priority", "tasks");
        op.drop_index("idx-tasks-status-due_at", "tasks");
    }
}
