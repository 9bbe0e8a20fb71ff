//! Seed the tags that every project begins with.

use seachange::{Operations, Revision};

#[seachange::revision(revises = "m20261117_083000_add_tags")]
pub struct Migration;

impl Revision for Migration {
    fn up(&self, op: &mut Operations) {
        op.bulk_insert(
            "tags",
            ["name", "color"],
            [
                ["bug".into(), "#d1242f".into()],
                ["idea".into(), "#2f6feb".into()],
                ["chore".into(), "#888888".into()],
            ],
        );
    }

    fn down(&self, op: &mut Operations) {
        // Only the rows above: tags that people added since stay.
        op.delete_rows("tags", "name", ["bug", "idea", "chore"]);
    }
}
