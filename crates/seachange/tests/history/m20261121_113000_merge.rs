//!
//! Merge.

use seachange::{Operations, Revision};

#[seachange::revision(revises = [
    "m20261121_101500_plain",
    "m20261120_090210_add_tags",
])]
pub struct Migration;

impl Revision for Migration {
    fn up(&self, _op: &mut Operations) {}

    fn down(&self, _op: &mut Operations) {}
}
