//! One engine.

use sea_orm_migration::{prelude::*, schema::*};
use seachange::{Engine, Operations, Revision, Variant};

#[seachange::revision(revises = "m20261122_090000_everything")]
pub struct Migration;

impl Revision for Migration {
    fn up(&self, op: &mut Operations) {
        op.drop_check("", "t")
            .condition(Expr::cust("a <> '?'"))
            .only_on(Engine::Sqlite);
        op.drop_check("ck", "t").only_on(Engine::Postgres);
        op.drop_exclusion("ex", "t").only_on(Engine::Postgres);
        op.drop_index("ix", "t").only_on(Engine::Sqlite);
        op.drop_index("ix-old", "t").only_on(Engine::Postgres);
        op.drop_unique("", "t")
            .columns(["id", "a"])
            .only_on(Engine::Sqlite);
        op.rename_constraint("uq-old", "uq-new", "t")
            .unique(["a"])
            .only_on(Engine::Sqlite);

        // a crash of the server empties `n` from now on (PostgreSQL)
        op.create_table(
            Table::create()
                .table("n")
                .col(pk_uuid("id"))
                .col(text_null("a"))
                .to_owned(),
        )
        .collation("a", "C")
        .variant(
            "id",
            Engine::Postgres,
            Variant::new().default_value(Expr::cust("gen_random_uuid()")),
        )
        .variant("a", Engine::Sqlite, Variant::new().default_collation())
        .unlogged()
        .storage("fillfactor", "70")
        .tablespace("fast")
        .strict()
        .without_rowid();
        op.create_check("ck-n", "n", Expr::cust("a ~ '^x'"))
            .only_on(Engine::Postgres);
        op.create_exclusion("ex-n", "n")
            .column("a", "=")
            .only_on(Engine::Postgres);

        // locks: reads and writes of `t` wait while its rows are written anew (SQLite)
        op.alter_table("t").drop_strict();
        op.alter_column("t", "a")
            .set_default("z")
            .variant(Engine::Sqlite, Variant::new().no_default());

        // destructive: the values of `t.g` are lost, since it is computed from now on
        op.alter_column("t", "g")
            .set_type(ColumnType::Text)
            .drop_not_null()
            .set_generated(Expr::cust("lower(a)"), true);
        op.add_column("t", integer_null("n")).variant(
            Engine::Postgres,
            Variant::new().generated(Expr::cust("length(a)"), true),
        );

        // locks: reads and writes of `t` wait while its rows are written anew (PostgreSQL, SQLite)
        op.alter_table("t")
            .set_storage("fillfactor", "80")
            .drop_storage("toast.vacuum_truncate")
            .drop_tablespace()
            .set_without_rowid();

        // locks: writes to `t` wait while the index is built (PostgreSQL)
        op.create_index("ix", "t", ["a"])
            .descending("a")
            .only_on(Engine::Postgres);

        // locks: writes to `t` wait while the index is built (PostgreSQL)
        op.create_index("ix-new", "t", ["a"])
            .method("hash")
            .tablespace("fast")
            .only_on(Engine::Postgres);

        // a crash of the server empties `t` from now on (PostgreSQL)
        // locks: reads and writes of `t` wait while its rows are written anew (PostgreSQL)
        op.alter_table("t").set_unlogged();
    }

    fn down(&self, op: &mut Operations) {
        // locks: reads and writes of `t` wait while its rows are written anew (PostgreSQL)
        op.alter_table("t").drop_unlogged();
        op.drop_index("ix-new", "t")
            .only_on(Engine::Postgres)
            .if_exists();
        op.drop_index("ix", "t")
            .only_on(Engine::Postgres)
            .if_exists();

        // locks: reads and writes of `t` wait while its rows are written anew (PostgreSQL, SQLite)
        op.alter_table("t")
            .set_storage("fillfactor", "70")
            .set_storage("toast.vacuum_truncate", "off")
            .set_tablespace("fast")
            .drop_without_rowid();

        // destructive: the values of `t.n` go with it
        op.drop_column("t", "n").if_exists();
        op.alter_column("t", "g")
            .set_generated(Expr::cust("upper(a)"), true)
            .variant(Engine::Postgres, Variant::new().not_generated());
        op.alter_column("t", "a")
            .set_default("x")
            .variant(Engine::Sqlite, Variant::new().default_value("y"));

        // refused while a value of `t` is none of its column's type (SQLite)
        // locks: reads and writes of `t` wait while its rows are written anew (SQLite)
        op.alter_table("t").set_strict();

        // destructive: every row of `n` goes with it
        op.drop_table("n").if_exists();

        op.rename_constraint("uq-new", "uq-old", "t")
            .unique(["a"])
            .only_on(Engine::Sqlite);

        // locks: reads and writes of `t` wait while the rows are copied (SQLite)
        op.create_unique("", "t", ["id", "a"])
            .only_on(Engine::Sqlite)
            .if_not_exists();

        // locks: writes to `t` wait while the index is built (PostgreSQL)
        op.create_index("ix-old", "t", ["a"])
            .method("hash")
            .only_on(Engine::Postgres)
            .if_not_exists();

        // locks: writes to `t` wait while the index is built (SQLite)
        op.create_index("ix", "t", ["a"])
            .only_on(Engine::Sqlite)
            .if_not_exists();

        // locks: reads and writes of `t` wait while the index is built (PostgreSQL)
        op.create_exclusion("ex", "t")
            .column("a", "=")
            .only_on(Engine::Postgres)
            .if_not_exists();

        // locks: reads and writes of `t` wait while its rows are checked (PostgreSQL)
        op.create_check("ck", "t", Expr::cust("a <> ''"))
            .only_on(Engine::Postgres)
            .if_not_exists();

        // locks: reads and writes of `t` wait while its rows are copied (SQLite)
        op.create_check("", "t", Expr::cust("a <> '?'"))
            .only_on(Engine::Sqlite)
            .if_not_exists();
    }
}
