//! List tasks by status and due time.

use seachange::{Operations, Revision};

#[seachange::revision(revises = "m20261121_113000_add_full_name")]
pub struct Migration;

impl Revision for Migration {
    fn up(&self, op: &mut Operations) {
        op.create_enum("task_status", ["todo", "done"]);

        // locks: writes to `tasks` wait while the index is built (PostgreSQL, SQLite)
        op.create_index("idx-tasks-status-due_at", "tasks", ["status", "due_at"]);
    }

    fn down(&self, op: &mut Operations) {
        op.drop_index("idx-tasks-status-due_at", "tasks");

        op.drop_enum("task_status");
    }
}
