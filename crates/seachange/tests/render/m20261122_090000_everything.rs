//! Everything.
//!
//! As much as one module can hold.
//!
//! breaks the previous release: a statement that names `a` fails; a statement that names `b.x`
//! fails; a statement that names `b.n1` fails; an INSERT or UPDATE that gives `b.x` a value fails;
//! a statement that names `o` fails; a statement that names `r` fails.

use sea_orm_migration::{prelude::*, schema::*};
use seachange::{Engine, Numbering, Operations, Revision, Sequence, Variant, enum_type};

#[seachange::revision(
    revises = [
        "m20261121_113000_add_full_name_to_every_user_there_is",
        "m20261121_140000_task_status",
    ],
    transaction = "per segment"
)]
pub struct Migration;

impl Revision for Migration {
    fn up(&self, op: &mut Operations) {
        op.create_enum(
            ("audit", "mood"),
            [
                "it's",
                "say \"hi\"",
                "back\\slash",
                "",
                "日本",
                "a",
                "b",
                "c",
                "d",
                "e",
                "f",
            ],
        );
        op.drop_enum("mood");

        op.rename_table("a", ("audit", "b"));

        op.comment_table(
            "b",
            Some(
                "A text that is much too long for one line of a file, so that it has to be broken \
                 into several of them; \"quoted\", with a \\ and a tab\t.\n\
                 A second line,\n  an indented one, and 日本語 at the end",
            ),
        );
        op.comment_table("b", None);
        op.rename_column("b", "x", "y\"z");

        op.create_table(
            Table::create()
                .table("types")
                .col(big_pk_auto("id"))
                .col(char("c0"))
                .col(char_null("n0"))
                .col(char_uniq("u0"))
                .col(char_len("c1", 8))
                .col(char_len_null("n1", 8))
                .col(char_len_uniq("u1", 8))
                .col(string("c2"))
                .col(string_null("n2"))
                .col(string_uniq("u2"))
                .col(string_len("c3", 40))
                .col(string_len_null("n3", 40))
                .col(string_len_uniq("u3", 40))
                .col(ColumnDef::new_with_type("c4", ColumnType::String(StringLen::Max)).not_null())
                .col(ColumnDef::new_with_type("n4", ColumnType::String(StringLen::Max)).null())
                .col(
                    ColumnDef::new_with_type("u4", ColumnType::String(StringLen::Max))
                        .not_null()
                        .unique_key(),
                )
                .col(text("c5"))
                .col(text_null("n5"))
                .col(text_uniq("u5"))
                .col(tiny_integer("c6"))
                .col(tiny_integer_null("n6"))
                .col(tiny_integer_uniq("u6"))
                .col(small_integer("c7"))
                .col(small_integer_null("n7"))
                .col(small_integer_uniq("u7"))
                .col(integer("c8"))
                .col(integer_null("n8"))
                .col(integer_uniq("u8"))
                .col(big_integer("c9"))
                .col(big_integer_null("n9"))
                .col(big_integer_uniq("u9"))
                .col(tiny_unsigned("c10"))
                .col(tiny_unsigned_null("n10"))
                .col(tiny_unsigned_uniq("u10"))
                .col(small_unsigned("c11"))
                .col(small_unsigned_null("n11"))
                .col(small_unsigned_uniq("u11"))
                .col(unsigned("c12"))
                .col(unsigned_null("n12"))
                .col(unsigned_uniq("u12"))
                .col(big_unsigned("c13"))
                .col(big_unsigned_null("n13"))
                .col(big_unsigned_uniq("u13"))
                .col(float("c14"))
                .col(float_null("n14"))
                .col(float_uniq("u14"))
                .col(double("c15"))
                .col(double_null("n15"))
                .col(double_uniq("u15"))
                .col(decimal("c16"))
                .col(decimal_null("n16"))
                .col(decimal_uniq("u16"))
                .col(decimal_len("c17", 12, 2))
                .col(decimal_len_null("n17", 12, 2))
                .col(decimal_len_uniq("u17", 12, 2))
                .col(date_time("c18"))
                .col(date_time_null("n18"))
                .col(date_time_uniq("u18"))
                .col(timestamp("c19"))
                .col(timestamp_null("n19"))
                .col(timestamp_uniq("u19"))
                .col(timestamp_with_time_zone("c20"))
                .col(timestamp_with_time_zone_null("n20"))
                .col(timestamp_with_time_zone_uniq("u20"))
                .col(time("c21"))
                .col(time_null("n21"))
                .col(time_uniq("u21"))
                .col(date("c22"))
                .col(date_null("n22"))
                .col(date_uniq("u22"))
                .col(year("c23"))
                .col(year_null("n23"))
                .col(year_uniq("u23"))
                .col(interval("c24", None, None))
                .col(interval_null("n24", None, None))
                .col(interval_uniq("u24", None, None))
                .col(interval("c25", Some(PgInterval::DayToSecond), Some(3)))
                .col(interval_null("n25", Some(PgInterval::DayToSecond), Some(3)))
                .col(interval_uniq("u25", Some(PgInterval::DayToSecond), Some(3)))
                .col(binary_len("c26", 16))
                .col(binary_len_null("n26", 16))
                .col(binary_len_uniq("u26", 16))
                .col(
                    ColumnDef::new_with_type("c27", ColumnType::VarBinary(StringLen::None))
                        .not_null(),
                )
                .col(ColumnDef::new_with_type("n27", ColumnType::VarBinary(StringLen::None)).null())
                .col(
                    ColumnDef::new_with_type("u27", ColumnType::VarBinary(StringLen::None))
                        .not_null()
                        .unique_key(),
                )
                .col(var_binary("c28", 9))
                .col(var_binary_null("n28", 9))
                .col(var_binary_uniq("u28", 9))
                .col(
                    ColumnDef::new_with_type("c29", ColumnType::VarBinary(StringLen::Max))
                        .not_null(),
                )
                .col(ColumnDef::new_with_type("n29", ColumnType::VarBinary(StringLen::Max)).null())
                .col(
                    ColumnDef::new_with_type("u29", ColumnType::VarBinary(StringLen::Max))
                        .not_null()
                        .unique_key(),
                )
                .col(blob("c30"))
                .col(blob_null("n30"))
                .col(blob_uniq("u30"))
                .col(bit("c31", None))
                .col(bit_null("n31", None))
                .col(bit_uniq("u31", None))
                .col(bit("c32", Some(4)))
                .col(bit_null("n32", Some(4)))
                .col(bit_uniq("u32", Some(4)))
                .col(varbit("c33", 12))
                .col(varbit_null("n33", 12))
                .col(varbit_uniq("u33", 12))
                .col(boolean("c34"))
                .col(boolean_null("n34"))
                .col(boolean_uniq("u34"))
                .col(money("c35"))
                .col(money_null("n35"))
                .col(money_uniq("u35"))
                .col(money_len("c36", 9, 2))
                .col(money_len_null("n36", 9, 2))
                .col(money_len_uniq("u36", 9, 2))
                .col(json("c37"))
                .col(json_null("n37"))
                .col(json_uniq("u37"))
                .col(json_binary("c38"))
                .col(json_binary_null("n38"))
                .col(json_binary_uniq("u38"))
                .col(uuid("c39"))
                .col(uuid_null("n39"))
                .col(uuid_uniq("u39"))
                .col(enumeration("c40", "mood", ["sad", "ok", "happy"]))
                .col(enumeration_null("n40", "mood", ["sad", "ok", "happy"]))
                .col(enumeration_uniq("u40", "mood", ["sad", "ok", "happy"]))
                .col(array("c41", ColumnType::Integer))
                .col(array_null("n41", ColumnType::Integer))
                .col(array_uniq("u41", ColumnType::Integer))
                .col(array("c42", enum_type("mood", ["sad", "ok", "happy"])))
                .col(array_null("n42", enum_type("mood", ["sad", "ok", "happy"])))
                .col(array_uniq("u42", enum_type("mood", ["sad", "ok", "happy"])))
                .col(
                    ColumnDef::new_with_type(
                        "c43",
                        enum_type(("audit", "mood"), ["sad", "ok", "happy"]),
                    )
                    .not_null(),
                )
                .col(
                    ColumnDef::new_with_type(
                        "n43",
                        enum_type(("audit", "mood"), ["sad", "ok", "happy"]),
                    )
                    .null(),
                )
                .col(
                    ColumnDef::new_with_type(
                        "u43",
                        enum_type(("audit", "mood"), ["sad", "ok", "happy"]),
                    )
                    .not_null()
                    .unique_key(),
                )
                .col(array(
                    "c44",
                    enum_type(("a.b", "say \"hi\""), ["sad", "ok", "happy"]),
                ))
                .col(array_null(
                    "n44",
                    enum_type(("a.b", "say \"hi\""), ["sad", "ok", "happy"]),
                ))
                .col(array_uniq(
                    "u44",
                    enum_type(("a.b", "say \"hi\""), ["sad", "ok", "happy"]),
                ))
                .col(
                    ColumnDef::new_with_type(
                        "c45",
                        enum_type("\"quoted\"", ["sad", "ok", "happy"]),
                    )
                    .not_null(),
                )
                .col(
                    ColumnDef::new_with_type(
                        "n45",
                        enum_type("\"quoted\"", ["sad", "ok", "happy"]),
                    )
                    .null(),
                )
                .col(
                    ColumnDef::new_with_type(
                        "u45",
                        enum_type("\"quoted\"", ["sad", "ok", "happy"]),
                    )
                    .not_null()
                    .unique_key(),
                )
                .col(array(
                    "c46",
                    ColumnType::Array(RcOrArc::new(ColumnType::String(StringLen::N(40)))),
                ))
                .col(array_null(
                    "n46",
                    ColumnType::Array(RcOrArc::new(ColumnType::String(StringLen::N(40)))),
                ))
                .col(array_uniq(
                    "u46",
                    ColumnType::Array(RcOrArc::new(ColumnType::String(StringLen::N(40)))),
                ))
                .col(ColumnDef::new_with_type("c47", ColumnType::Vector(None)).not_null())
                .col(ColumnDef::new_with_type("n47", ColumnType::Vector(None)).null())
                .col(
                    ColumnDef::new_with_type("u47", ColumnType::Vector(None))
                        .not_null()
                        .unique_key(),
                )
                .col(ColumnDef::new_with_type("c48", ColumnType::Vector(Some(3))).not_null())
                .col(ColumnDef::new_with_type("n48", ColumnType::Vector(Some(3))).null())
                .col(
                    ColumnDef::new_with_type("u48", ColumnType::Vector(Some(3)))
                        .not_null()
                        .unique_key(),
                )
                .col(ColumnDef::new_with_type("c49", ColumnType::Cidr).not_null())
                .col(ColumnDef::new_with_type("n49", ColumnType::Cidr).null())
                .col(
                    ColumnDef::new_with_type("u49", ColumnType::Cidr)
                        .not_null()
                        .unique_key(),
                )
                .col(ColumnDef::new_with_type("c50", ColumnType::Inet).not_null())
                .col(ColumnDef::new_with_type("n50", ColumnType::Inet).null())
                .col(
                    ColumnDef::new_with_type("u50", ColumnType::Inet)
                        .not_null()
                        .unique_key(),
                )
                .col(ColumnDef::new_with_type("c51", ColumnType::MacAddr).not_null())
                .col(ColumnDef::new_with_type("n51", ColumnType::MacAddr).null())
                .col(
                    ColumnDef::new_with_type("u51", ColumnType::MacAddr)
                        .not_null()
                        .unique_key(),
                )
                .col(ColumnDef::new_with_type("c52", ColumnType::LTree).not_null())
                .col(ColumnDef::new_with_type("n52", ColumnType::LTree).null())
                .col(
                    ColumnDef::new_with_type("u52", ColumnType::LTree)
                        .not_null()
                        .unique_key(),
                )
                .col(custom("c53", "tsvector"))
                .col(custom_null("n53", "tsvector"))
                .col(custom("u53", "tsvector").unique_key())
                .col(custom("c54", "it's \"odd\""))
                .col(custom_null("n54", "it's \"odd\""))
                .col(custom("u54", "it's \"odd\"").unique_key())
                .to_owned(),
        );

        op.create_table(
            Table::create()
                .table(("audit", "odd \"name\""))
                .col(uuid("a"))
                .col(string_len("b b", 20))
                .col(integer_null("c").unique_key())
                .col(text_uniq("d"))
                .col(big_integer_null("e").generated(Expr::cust("\"c\" * 2"), true))
                .col(timestamp_default_now("f").comment(
                    "A text that is much too long for one line of a file, so that it has to be \
                     broken into several of them; \"quoted\", with a \\ and a tab\t.\n\
                     A second line,\n  an indented one, and 日本語 at the end",
                ))
                .col(
                    date_time_null("g")
                        .default(Expr::current_timestamp())
                        .extra("ON UPDATE CURRENT_TIMESTAMP"),
                )
                .primary_key(Index::create().name("pk-odd").col("a").col("b b"))
                .index(
                    Index::create()
                        .name("uq-odd-c-d")
                        .unique()
                        .col("c")
                        .col("d"),
                )
                .index(Index::create().unique().nulls_not_distinct().col("e"))
                .foreign_key(
                    ForeignKey::create()
                        .name("fk-odd-c")
                        .from(("audit", "odd \"name\""), "c")
                        .to("b", "id")
                        .on_delete(ForeignKeyAction::Restrict)
                        .on_update(ForeignKeyAction::SetDefault),
                )
                .foreign_key(
                    ForeignKey::create()
                        .from_tbl(("audit", "odd \"name\""))
                        .from_col("a")
                        .from_col("b b")
                        .to_tbl(("audit", "other"))
                        .to_col("x")
                        .to_col("y"),
                )
                .comment("it's a table")
                .to_owned(),
        )
        .check("ck-odd", Expr::cust("\"c\" > 0"))
        .check("", Expr::cust("\"d\" <> 'it''s \\'"))
        .collation("d", "de-x-icu")
        .initially_deferred(["c"])
        .deferrable(["a", "b b"]);

        op.add_column("b", small_integer("n1").default(0));
        op.add_column("b", big_integer("n2").default(-5000000000_i64));
        op.add_column("b", big_unsigned("n3").default(18446744073709551615_u64));
        op.add_column("b", decimal_len("n4", 12, 2).default(Expr::cust("0.00")));
        op.add_column("b", double("n5").default(-1.5));
        op.add_column("b", boolean("t1").default(false));
        op.add_column(
            "b",
            text("t2").default(
                "A text that is much too long for one line of a file, so that it has to be broken \
                 into several of them; \"quoted\", with a \\ and a tab\t.\n\
                 A second line,\n  an indented one, and 日本語 at the end",
            ),
        );
        op.add_column("b", text("t3").default(Expr::cust("lower('A')")));
        op.add_column(
            "b",
            enumeration("t4", "mood", ["sad", "ok", "happy"]).default("ok"),
        );
        op.add_column("b", timestamp_with_time_zone_default_now("t5"));
        op.add_column("b", text_null("t6")).collation("C");

        op.add_column(("audit", "b"), integer("guarded").auto_increment());

        // destructive: the values of `b.n1` go with it
        op.drop_column("b", "n1");

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::Integer)
            .using("\"x\"::integer")
            .set_not_null()
            .set_default("x")
            .set_auto_increment(true)
            .set_numbering(Numbering::serial())
            .set_collation("C")
            .drop_generated()
            .set_comment(Some("a comment"))
            .variant(Engine::Sqlite, Variant::new().no_default());
        op.alter_column("b", "x")
            .drop_numbering()
            .drop_collation()
            .set_generated(Expr::cust("a + 1"), true);
        op.add_column("b", integer("counted").auto_increment())
            .numbering(
                Numbering::identity()
                    .always()
                    .start(5)
                    .increment(-2)
                    .cycle(),
            );
        op.alter_column("b", "x")
            .drop_not_null()
            .drop_default()
            .set_auto_increment(false)
            .set_comment(None);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Char(None));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::Char(Some(8)));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::String(StringLen::None));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::String(StringLen::N(40)));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::String(StringLen::Max));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Text);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::TinyInteger);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::SmallInteger);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Integer);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::BigInteger);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::TinyUnsigned);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::SmallUnsigned);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Unsigned);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::BigUnsigned);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Float);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Double);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::Decimal(None));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::Decimal(Some((12, 2))));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::DateTime);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Timestamp);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::TimestampWithTimeZone);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Time);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Date);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Year);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::Interval(None, None));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::Interval(Some(PgInterval::DayToSecond), Some(3)));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Binary(16));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::VarBinary(StringLen::None));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::VarBinary(StringLen::N(9)));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::VarBinary(StringLen::Max));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Blob);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Bit(None));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Bit(Some(4)));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::VarBit(12));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Boolean);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Money(None));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::Money(Some((9, 2))));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Json);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::JsonBinary);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Uuid);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(enum_type("mood", ["sad", "ok", "happy"]));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::Array(RcOrArc::new(ColumnType::Integer)));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::Array(RcOrArc::new(enum_type(
                "mood",
                ["sad", "ok", "happy"],
            ))));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(enum_type(("audit", "mood"), ["sad", "ok", "happy"]));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::Array(RcOrArc::new(enum_type(
                ("a.b", "say \"hi\""),
                ["sad", "ok", "happy"],
            ))));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(enum_type("\"quoted\"", ["sad", "ok", "happy"]));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::Array(RcOrArc::new(ColumnType::Array(
                RcOrArc::new(ColumnType::String(StringLen::N(40))),
            ))));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Vector(None));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::Vector(Some(3)));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Cidr);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::Inet);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::MacAddr);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x").set_type(ColumnType::LTree);

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::custom("tsvector"));

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::custom("it's \"odd\""));

        // locks: reads and writes of `b` wait while the index is built (PostgreSQL) or the rows are
        // copied (SQLite)
        op.create_primary_key("b", ["x"]);
        op.drop_primary_key("b");

        // locks: reads and writes of `b` wait while the index is built (PostgreSQL) or the rows are
        // copied (SQLite)
        op.create_primary_key("b", ["x"]).name("pk-b");

        // locks: reads and writes of `b` wait while the index is built (PostgreSQL) or the rows are
        // copied (SQLite)
        op.create_primary_key("b", ["x"])
            .include(["y"])
            .initially_deferred();

        // locks: reads and writes of `b` wait while the index is built (PostgreSQL) or the rows are
        // copied (SQLite)
        op.create_unique("", "b", ["x", "y"]);

        // locks: reads and writes of `b` wait while the index is built (PostgreSQL) or the rows are
        // copied (SQLite)
        op.create_unique("uq", "b", ["x", "y"]).nulls_not_distinct();

        // locks: reads and writes of `b` wait while the index is built (PostgreSQL) or the rows are
        // copied (SQLite)
        op.create_unique("", "b", ["x"])
            .include(["y", "z"])
            .deferrable();

        // locks: writes to `audit.b` and `a` wait while the rows are checked (PostgreSQL) or copied
        // (SQLite)
        op.create_foreign_key(
            ForeignKey::create()
                .name("fk")
                .from(("audit", "b"), "x")
                .to("a", "id")
                .on_delete(ForeignKeyAction::SetNull)
                .to_owned(),
        )
        .match_full()
        .set_columns(["x"]);

        op.drop_unique("uq", "b").columns(["x", "y"]);
        op.drop_unique("", "b").columns(["x"]);
        op.drop_unique("uq", "b");

        // locks: writes to `audit.b` and `a` wait while the rows are checked (PostgreSQL) or copied
        // (SQLite)
        op.create_foreign_key(
            ForeignKey::create()
                .name("fk")
                .from(("audit", "b"), "x")
                .to("a", "id")
                .on_delete(ForeignKeyAction::SetNull)
                .to_owned(),
        );

        // locks: writes to `audit.b` and `a` wait while the rows are checked (PostgreSQL) or copied
        // (SQLite)
        op.create_foreign_key(
            ForeignKey::create()
                .name("fk")
                .from(("audit", "b"), "x")
                .to("a", "id")
                .on_delete(ForeignKeyAction::SetNull)
                .to_owned(),
        )
        .deferrable();

        // locks: writes to `audit.b` and `a` wait while the rows are checked (PostgreSQL) or copied
        // (SQLite)
        op.create_foreign_key(
            ForeignKey::create()
                .name("fk")
                .from(("audit", "b"), "x")
                .to("a", "id")
                .on_delete(ForeignKeyAction::SetNull)
                .to_owned(),
        )
        .initially_deferred();

        op.drop_foreign_key("fk", "b").columns(["x"]);

        // locks: reads and writes of `b` wait while its rows are checked (PostgreSQL) or copied
        // (SQLite)
        op.create_check(
            "ck",
            "b",
            Expr::cust(
                "A text that is much too long for one line of a file, so that it has to be broken \
                 into several of them; \"quoted\", with a \\ and a tab\t.\n\
                 A second line,\n  an indented one, and 日本語 at the end",
            ),
        );

        // locks: reads and writes of `b` wait while its rows are checked (PostgreSQL) or copied
        // (SQLite)
        op.create_check("", "b", Expr::cust("x > 0"));
        op.drop_check("ck", "b");
        op.drop_check("", "b").condition(Expr::cust("x > 0"));

        // locks: writes to `b` wait while the index is built (PostgreSQL, SQLite)
        op.create_index("ix1", "b", ["x"]);

        // locks: writes to `b` wait while the index is built (PostgreSQL, SQLite)
        op.create_index("ix2", "b", ["x", "y"]).unique();

        // locks: writes to `b` wait while the index is built (PostgreSQL, SQLite)
        op.create_index(
            "a_name_that_is_as_long_as_the_engine_allows_it_to_be_00000000",
            "b",
            [
                "column_0",
                "column_1",
                "column_2",
                "column_3",
                "column_4",
                "column_5",
                "column_6",
                "column_7",
                "column_8",
                "column_9",
                "column_10",
                "column_11",
            ],
        );

        // locks: writes to `b` wait while the index is built (PostgreSQL, SQLite)
        op.create_index("ix3", "b", ["x"])
            .expression("lower(\"y\")")
            .column("z")
            .descending("x")
            .nulls_last("x")
            .collation("lower(\"y\")", "C")
            .opclass("lower(\"y\")", "text_pattern_ops")
            .nulls_first("lower(\"y\")")
            .method("btree")
            .include(["w"])
            .nulls_not_distinct()
            .storage("fillfactor", "70")
            .only_where(Expr::cust("\"x\" is not null"));

        // locks: writes to `b` wait while the index is built (PostgreSQL, SQLite)
        op.create_expression_index("ix4", "b", "lower(x)")
            .column("y")
            .expression("y + 1")
            .only_where(Expr::cust(
                "A text that is much too long for one line of a file, so that it has to be broken \
                 into several of them; \"quoted\", with a \\ and a tab\t.\n\
                 A second line,\n  an indented one, and 日本語 at the end",
            ));

        // locks: writes to `audit.b` wait while the index is built (PostgreSQL, SQLite)
        op.create_index("ix5", ("audit", "b"), ["x"]).method("gin");

        op.drop_index("ix1", "b");

        op.create_schema("audit");
        op.drop_schema("audit");

        // locks: reads and writes of `b` wait while the index is built (PostgreSQL)
        op.create_exclusion("ex", "b")
            .method("gist")
            .column("x", "=")
            .opclass("inet_ops")
            .expression("lower(y)", "&&")
            .collation("C")
            .only_where(Expr::cust("\"x\" > 0"))
            .deferrable();
        op.drop_exclusion("ex", "b");

        op.create_sequence(Sequence::new("invoice_number").start(1000).cycle());
        op.alter_sequence(
            Sequence::new(("audit", "n"))
                .small_integer()
                .increment(-1)
                .minimum(-100)
                .maximum(100)
                .cache(5),
        );
        op.alter_sequence(Sequence::new("o").integer());
        op.rename_sequence("o", ("audit", "p q"));

        // destructive: where `r` has counted to is lost
        op.drop_sequence("r");
        op.execute("update b set x = 1");
        op.execute_on(
            Engine::Postgres,
            "create view v as\n\
             select x, y, 'a string that is long enough to be broken'\n\
             from b where x > 0 and y is not null",
        );

        op.bulk_insert(
            "tags",
            ["name", "position"],
            [
                ["bug".into(), 1.into()],
                ["it's".into(), 2.into()],
                ["an idea that needs a few words".into(), 3.into()],
            ],
        );

        op.bulk_insert(
            "all",
            ["x"],
            [[
                1_i8.into(),
                2_i16.into(),
                3_i64.into(),
                1.5_f64.into(),
                true.into(),
            ]],
        );

        op.delete_rows("tags", "name", ["bug", "it's"]);

        op.backfill(("audit", "b"))
            .set("x", Expr::cust("lower(y)"))
            .set("y", Expr::cust("0"))
            .only_where(Expr::col("x").is_not_null())
            .batch(1_500_000);
    }

    fn down(&self, op: &mut Operations) {
        op.create_enum(
            ("audit", "mood"),
            [
                "it's",
                "say \"hi\"",
                "back\\slash",
                "",
                "日本",
                "a",
                "b",
                "c",
                "d",
                "e",
                "f",
            ],
        )
        .if_not_exists();
        op.drop_enum("mood").if_exists();

        op.rename_table("a", ("audit", "b")).if_exists();

        op.rename_column("b", "x", "y\"z").if_exists();
        op.add_column("b", small_integer("n1").default(0))
            .if_not_exists();

        // destructive: the values of `b.n1` go with it
        op.drop_column("b", "n1").if_exists();

        // locks: reads and writes of `b` wait while its rows are written anew (PostgreSQL)
        op.alter_column("b", "x")
            .set_type(ColumnType::Integer)
            .using("\"x\"::integer")
            .set_not_null()
            .set_default("x")
            .set_auto_increment(true)
            .set_numbering(Numbering::serial())
            .set_collation("C")
            .drop_generated()
            .set_comment(Some("a comment"))
            .variant(Engine::Sqlite, Variant::new().no_default())
            .if_needed();

        // locks: reads and writes of `b` wait while the index is built (PostgreSQL) or the rows are
        // copied (SQLite)
        op.create_primary_key("b", ["x"]).if_not_exists();
        op.drop_primary_key("b").if_exists();

        // locks: reads and writes of `b` wait while the index is built (PostgreSQL) or the rows are
        // copied (SQLite)
        op.create_unique("", "b", ["x", "y"]).if_not_exists();

        // locks: writes to `audit.b` and `a` wait while the rows are checked (PostgreSQL) or copied
        // (SQLite)
        op.create_foreign_key(
            ForeignKey::create()
                .name("fk")
                .from(("audit", "b"), "x")
                .to("a", "id")
                .on_delete(ForeignKeyAction::SetNull)
                .to_owned(),
        )
        .match_full()
        .set_columns(["x"])
        .if_not_exists();

        op.drop_unique("uq", "b").columns(["x", "y"]).if_exists();
        op.drop_foreign_key("fk", "b").columns(["x"]).if_exists();

        // locks: reads and writes of `b` wait while its rows are checked (PostgreSQL) or copied
        // (SQLite)
        op.create_check(
            "ck",
            "b",
            Expr::cust(
                "A text that is much too long for one line of a file, so that it has to be broken \
                 into several of them; \"quoted\", with a \\ and a tab\t.\n\
                 A second line,\n  an indented one, and 日本語 at the end",
            ),
        )
        .if_not_exists();
        op.drop_check("ck", "b").if_exists();

        // locks: writes to `b` wait while the index is built (PostgreSQL, SQLite)
        op.create_index("ix1", "b", ["x"]).if_not_exists();
        op.drop_index("ix1", "b").if_exists();

        // locks: reads and writes of `b` wait while the index is built (PostgreSQL)
        op.create_exclusion("ex", "b")
            .method("gist")
            .column("x", "=")
            .opclass("inet_ops")
            .expression("lower(y)", "&&")
            .collation("C")
            .only_where(Expr::cust("\"x\" > 0"))
            .deferrable()
            .if_not_exists();
        op.drop_exclusion("ex", "b").if_exists();

        op.create_sequence(Sequence::new("invoice_number").start(1000).cycle())
            .if_not_exists();
        op.rename_sequence("o", ("audit", "p q")).if_exists();

        // destructive: where `r` has counted to is lost
        op.drop_sequence("r").if_exists();
    }
}
