//! Pairs of schemas: one, and another that it may become.
//!
//! The second one is nearly always made of the first by a few changes, so that they have much in
//! common; and both can be held by the engine, and turned into each other while rows are there.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index as Pick;
use seachange::schema::{Action, EnumHints, Schema, Sequence};

use super::changed::Changed;
use super::fit::settled;
use super::sequences::sequence;
use super::{
    ColumnDraft, Draft, IndexDraft, Shape, action, column, index, name, schema, table, text,
};

/// A schema, and what it is to become.
#[derive(Clone, Debug)]
pub struct Pair {
    pub from: Schema,
    pub to: Schema,
}

/// Random pairs for one engine.
pub fn pair(shape: Shape) -> BoxedStrategy<Pair> {
    let related = (
        schema(shape),
        vec(change(shape), 0..4),
        vec(change(shape), 1..7),
    )
        .prop_map(move |(base, before, after)| {
            let from = Changed::new(shape, base).after(before);
            let to = Changed::new(shape, declared(&from)).after(after);
            settled(from, to)
        });
    let independent = (schema(shape), schema(shape)).prop_map(|(from, to)| settled(from, to));
    prop_oneof![12 => related, 1 => independent].boxed()
}

/// One change of a schema. What it is about is picked from what is there; a change that fits
/// nothing changes nothing.
#[derive(Clone, Debug)]
pub(super) enum Change {
    AddTable(Box<Draft>),
    DropTable(Pick),
    RenameTable(Pick, String, bool),
    CommentTable(Pick, Option<String>),
    KeepTable(Pick, usize),
    AddColumn(Pick, ColumnDraft),
    DropColumn(Pick, Pick),
    RenameColumn(Pick, Pick, String, bool),
    AlterType(Pick, Pick, Pick),
    Nullable(Pick, Pick),
    Default(Pick, Pick, ColumnDraft),
    AddGenerated(Pick),
    AddUnique(Pick, (Option<String>, Pick, bool), Option<Pick>, bool),
    DropUnique(Pick, Pick),
    AddIndex(Pick, IndexDraft, bool),
    DropIndex(Pick, Pick),
    SwapIndexNames(Pick, Pick),
    AlterIndex(Pick, Pick),
    AddCheck(Pick, (Option<String>, Pick, String)),
    DropCheck(Pick, Pick),
    AddReference {
        table: Pick,
        to: Pick,
        name: Option<String>,
        on_delete: Action,
        on_update: Action,
        required: bool,
        to_unique: Option<Pick>,
    },
    DropReference(Pick, Pick),
    AlterReference(Pick, Pick, Action),
    WiderKey(Pick, Pick),
    OtherKey(Pick, Pick),
    NoKey(Pick),
    ReverseKey(Pick),
    Collate(Pick, Pick),
    MoveTable(Pick),
    AddValue(Pick, Pick, String),
    RemoveValue(Pick, Pick),
    RenameValue(Pick, Pick, String),
    MoveValue(Pick, Pick),
    AddSequence(Sequence, bool),
    DropSequence(Pick),
    AlterSequence(Pick, Sequence),
    RenameSequence(Pick, String, bool),
    MoveSequence(Pick),
    CountBy(Pick, Pick),
}

fn change(shape: Shape) -> BoxedStrategy<Change> {
    use Change as C;
    let p = any::<Pick>;
    let constraint_name = || proptest::option::of(name(shape));
    let check = (constraint_name(), p(), text(shape));
    prop_oneof![
        2 => table(shape).prop_map(|draft| C::AddTable(Box::new(draft))),
        2 => p().prop_map(C::DropTable),
        2 => (p(), name(shape), any::<bool>()).prop_map(|(t, n, taken)| C::RenameTable(t, n, taken)),
        1 => (p(), proptest::option::of(text(shape))).prop_map(|(t, c)| C::CommentTable(t, c)),
        2 => (p(), 0_usize..60).prop_map(|(t, seed)| C::KeepTable(t, seed)),
        4 => (p(), column(shape)).prop_map(|(t, c)| C::AddColumn(t, c)),
        3 => (p(), p()).prop_map(|(t, c)| C::DropColumn(t, c)),
        3 => (p(), p(), name(shape), any::<bool>())
            .prop_map(|(t, c, n, taken)| C::RenameColumn(t, c, n, taken)),
        4 => (p(), p(), p()).prop_map(|(t, c, ty)| C::AlterType(t, c, ty)),
        2 => (p(), p()).prop_map(|(t, c)| C::Nullable(t, c)),
        2 => (p(), p(), column(shape)).prop_map(|(t, c, d)| C::Default(t, c, d)),
        1 => p().prop_map(C::AddGenerated),
        2 => (p(), (constraint_name(), p(), any::<bool>()), proptest::option::of(p()), any::<bool>())
            .prop_map(|(t, u, second, taken)| C::AddUnique(t, u, second, taken)),
        2 => (p(), p()).prop_map(|(t, u)| C::DropUnique(t, u)),
        2 => (p(), index(shape), any::<bool>()).prop_map(|(t, i, taken)| C::AddIndex(t, i, taken)),
        2 => (p(), p()).prop_map(|(t, i)| C::DropIndex(t, i)),
        1 => (p(), p()).prop_map(|(a, b)| C::SwapIndexNames(a, b)),
        1 => (p(), p()).prop_map(|(t, i)| C::AlterIndex(t, i)),
        1 => (p(), check).prop_map(|(t, c)| C::AddCheck(t, c)),
        2 => (p(), p()).prop_map(|(t, c)| C::DropCheck(t, c)),
        4 => (p(), p(), constraint_name(), action(), action(), any::<bool>(), proptest::option::of(p()))
            .prop_map(|(table, to, name, on_delete, on_update, required, to_unique)| C::AddReference {
                table, to, name, on_delete, on_update, required, to_unique,
            }),
        2 => (p(), p()).prop_map(|(t, k)| C::DropReference(t, k)),
        2 => (p(), p(), action()).prop_map(|(t, k, a)| C::AlterReference(t, k, a)),
        2 => (p(), p()).prop_map(|(t, c)| C::WiderKey(t, c)),
        1 => (p(), p()).prop_map(|(t, c)| C::OtherKey(t, c)),
        1 => p().prop_map(C::NoKey),
        1 => p().prop_map(C::ReverseKey),
        1 => (p(), p()).prop_map(|(t, c)| C::Collate(t, c)),
        1 => p().prop_map(C::MoveTable),
        1 => (p(), p(), text(shape)).prop_map(|(e, at, v)| C::AddValue(e, at, v)),
        1 => (p(), p()).prop_map(|(e, v)| C::RemoveValue(e, v)),
        1 => (p(), p(), text(shape)).prop_map(|(e, old, v)| C::RenameValue(e, old, v)),
        1 => (p(), p()).prop_map(|(e, v)| C::MoveValue(e, v)),
        2 => (sequence(shape), any::<bool>()).prop_map(|(s, taken)| C::AddSequence(s, taken)),
        1 => p().prop_map(C::DropSequence),
        1 => (p(), sequence(shape)).prop_map(|(s, new)| C::AlterSequence(s, new)),
        1 => (p(), name(shape), any::<bool>()).prop_map(|(s, n, taken)| C::RenameSequence(s, n, taken)),
        1 => p().prop_map(C::MoveSequence),
        2 => (p(), p()).prop_map(|(c, s)| C::CountBy(c, s)),
    ]
    .boxed()
}

/// A schema as the next entities begin: nothing of it is renamed yet.
pub fn declared(schema: &Schema) -> Schema {
    let mut schema = schema.clone();
    for sequence in schema.sequences.values_mut() {
        sequence.renamed_from = None;
    }
    for table in schema.tables.values_mut() {
        table.renamed_from = None;
        for column in &mut table.columns {
            column.renamed_from = None;
            column.enum_hints = EnumHints::default();
        }
    }
    schema
}

impl Change {
    /// Which table it is about.
    pub(super) fn table(&self) -> &Pick {
        match self {
            Self::AddTable(_)
            | Self::SwapIndexNames(..)
            | Self::AddValue(..)
            | Self::RemoveValue(..)
            | Self::RenameValue(..)
            | Self::MoveValue(..)
            | Self::AddSequence(..)
            | Self::DropSequence(_)
            | Self::AlterSequence(..)
            | Self::RenameSequence(..)
            | Self::MoveSequence(_)
            | Self::CountBy(..) => {
                unreachable!("it is not about one table")
            }
            Self::DropTable(t)
            | Self::RenameTable(t, ..)
            | Self::CommentTable(t, _)
            | Self::KeepTable(t, _)
            | Self::AddColumn(t, _)
            | Self::DropColumn(t, _)
            | Self::RenameColumn(t, ..)
            | Self::AlterType(t, ..)
            | Self::Nullable(t, _)
            | Self::Default(t, ..)
            | Self::AddGenerated(t)
            | Self::AddUnique(t, ..)
            | Self::DropUnique(t, _)
            | Self::AddIndex(t, ..)
            | Self::DropIndex(t, _)
            | Self::AlterIndex(t, _)
            | Self::AddCheck(t, _)
            | Self::DropCheck(t, _)
            | Self::AddReference { table: t, .. }
            | Self::DropReference(t, _)
            | Self::AlterReference(t, ..)
            | Self::WiderKey(t, _)
            | Self::OtherKey(t, _)
            | Self::NoKey(t)
            | Self::ReverseKey(t)
            | Self::Collate(t, _)
            | Self::MoveTable(t) => t,
        }
    }
}
