//! Entities in each of SeaORM's formats, one set of tables a module.

/// Every attribute of a field, in the dense format.
pub mod attributes {
    pub mod everything {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "everything", comment = "One of each")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub plain: String,
            #[sea_orm(column_type = "String(StringLen::N(40))")]
            pub forty: String,
            #[sea_orm(column_type = "Text", nullable)]
            pub text: String,
            pub optional: Option<i16>,
            #[sea_orm(column_name = "DbName")]
            pub rust_name: i32,
            #[sea_orm(enum_name = "Renamed")]
            pub variant: i32,
            pub i8_: i8,
            pub r#type: String,
            #[sea_orm(column_type = "custom(\"citext\")")]
            pub custom: String,
            #[sea_orm(unique)]
            pub email: String,
            #[sea_orm(unique, indexed)]
            pub both: String,
            #[sea_orm(indexed)]
            pub looked_up: i32,
            #[sea_orm(unique_key = "pair")]
            pub second: i32,
            #[sea_orm(unique_key = "pair")]
            pub first: i32,
            #[sea_orm(unique_key = "alone")]
            pub alone: i32,
            #[sea_orm(default_value = "it's")]
            pub a_string: String,
            #[sea_orm(default_value = 7)]
            pub a_number: i32,
            #[sea_orm(default_value = -7)]
            pub below_zero: i32,
            #[sea_orm(default_value = 1.5)]
            pub a_float: f64,
            #[sea_orm(default_value = true)]
            pub a_bool: bool,
            #[sea_orm(column_type = "Decimal(Some((10, 2)))", default_value = "0.00")]
            pub a_decimal: Decimal,
            #[sea_orm(default_expr = "Decimal::new(125, 2)")]
            pub computed_decimal: Decimal,
            #[sea_orm(default_expr = "Expr::current_timestamp()")]
            pub now: DateTimeUtc,
            #[sea_orm(default_expr = "Expr::cust(\"gen_random_uuid()\")")]
            pub uuid: Uuid,
            #[sea_orm(default_expr = "ExprTrait::add(Expr::val(3), 4)")]
            pub sum: i32,
            #[sea_orm(default_expr = "f64::NAN")]
            pub nan: f64,
            #[sea_orm(comment = "Says 'it'")]
            pub commented: i32,
            #[sea_orm(extra = "COLLATE \"C\" CHECK (length(extra) > 1)")]
            pub extra: String,
            #[sea_orm(ignore)]
            pub ignored: i32,
        }

        use sea_orm::ExprTrait;

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod renamed {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "renamed", rename_all = "camelCase")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub the_key: String,
            #[sea_orm(renamed_from = "old")]
            pub bare: i32,
            #[sea_orm(renamed_from = "old", comment = "A comment")]
            pub with_comment: i32,
            #[sea_orm(renamed_from = "old", comment = "was; renamed_from \"older\"")]
            pub nasty_comment: i32,
            #[sea_orm(comment = "renamed_from \"nothing\"")]
            pub only_a_comment: i32,
            #[sea_orm(comment = "x; renamed_from \"nothing\"")]
            pub only_a_comment_again: i32,
            #[sea_orm(renamed_from = "x\"; renamed_from \"y")]
            pub nasty_name: i32,
            #[sea_orm(renamed_from = "old", comment = "", default_expr = "f64::NAN")]
            pub empty_comment: f64,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

/// Types that SeaORM cannot render on each engine, and keys that no engine can number.
pub mod exotic {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "mood")]
    pub enum Mood {
        #[sea_orm(string_value = "it's fine")]
        Fine,
        #[sea_orm(string_value = "bad")]
        Bad,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
    pub enum Level {
        #[sea_orm(num_value = 0)]
        Low,
        #[sea_orm(num_value = 1)]
        High,
    }

    pub mod types {
        use super::{Level, Mood};
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "types")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: u64,
            #[sea_orm(default_expr = "Mood::Bad")]
            pub mood: Mood,
            pub moods: Vec<Mood>,
            pub maybe: Option<Mood>,
            pub level: Level,
            pub words: Vec<String>,
            #[sea_orm(column_type = "Interval(None, None)")]
            pub span: String,
            #[sea_orm(column_type = "Inet")]
            pub host: String,
            #[sea_orm(column_type = "Year")]
            pub year: i32,
            #[sea_orm(column_type = "Bit(Some(3))")]
            pub bits: Vec<u8>,
            #[sea_orm(column_type = "Decimal(Some((16, 4)))")]
            pub price: Decimal,
            pub small: u8,
            pub medium: u16,
            pub large: u32,
            pub bytes: Vec<u8>,
            pub date: Date,
            pub time: Time,
            pub local: DateTime,
            pub utc: DateTimeUtc,
            pub json: Json,
            #[sea_orm(column_type = "JsonBinary")]
            pub jsonb: Json,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod uuid_key {
        use sea_orm::entity::prelude::*;

        // SeaORM looks at the type's name, and takes this for a number.
        pub type Id = Uuid;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "uuid_key")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: Id,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod flagged_elsewhere {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "flagged_elsewhere")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            #[sea_orm(auto_increment = false)]
            pub number: i32,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

/// Relations, in the compact and in the dense format.
pub mod relations {
    pub mod parent {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(schema_name = "sys", table_name = "parent")]
        pub struct Model {
            // In this order it is the key; `b` is not first in the name.
            #[sea_orm(primary_key, auto_increment = false)]
            pub b: i32,
            #[sea_orm(primary_key, auto_increment = false)]
            pub a: String,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {
            #[sea_orm(has_many = "super::child::Entity")]
            Child,
        }

        impl Related<super::child::Entity> for Entity {
            fn to() -> RelationDef {
                Relation::Child.def()
            }
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod child {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "child")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub parent_b: i32,
            pub parent_a: String,
            pub elder_id: Option<i32>,
            pub tag_id: i32,
            pub other_id: i32,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {
            #[sea_orm(
                belongs_to = "super::parent::Entity",
                from = "(Column::ParentB, Column::ParentA)",
                to = "(super::parent::Column::B, super::parent::Column::A)",
                on_delete = "Cascade",
                on_update = "Restrict"
            )]
            Parent,
            // The same way with a condition for joins: one key, and it need not say what it does.
            #[sea_orm(
                belongs_to = "super::parent::Entity",
                from = "(Column::ParentB, Column::ParentA)",
                to = "(super::parent::Column::B, super::parent::Column::A)",
                on_condition = r#"super::parent::Column::A.eq("x")"#
            )]
            NamedParent,
            #[sea_orm(
                belongs_to = "Entity",
                from = "Column::ElderId",
                to = "Column::Id",
                on_delete = "SetNull",
                fk_name = "child_elder"
            )]
            Elder,
            #[sea_orm(
                belongs_to = "super::tag::Entity",
                from = "Column::TagId",
                to = "super::tag::Column::Id",
                on_delete = "SetDefault"
            )]
            Tag,
            #[sea_orm(
                belongs_to = "super::tag::Entity",
                from = "Column::OtherId",
                to = "super::tag::Column::Id",
                skip_fk
            )]
            Other,
        }

        impl Related<super::parent::Entity> for Entity {
            fn to() -> RelationDef {
                Relation::Parent.def()
            }
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod tag {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "tag")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub broader_id: Option<i32>,
            #[sea_orm(self_ref, relation_enum = "Broader", from = "broader_id", to = "id")]
            pub broader: BelongsTo<Option<Entity>>,
            #[sea_orm(has_many)]
            pub uses: HasMany<super::tag_use::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod dense {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "dense")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod tag_use {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "tag_use")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub tag_id: i32,
            pub unkept_id: Option<i32>,
            #[sea_orm(
                belongs_to,
                from = "tag_id",
                to = "id",
                on_delete = "Cascade",
                on_update = "NoAction"
            )]
            pub tag: BelongsTo<super::tag::Entity>,
            #[sea_orm(belongs_to, from = "unkept_id", to = "id", skip_fk)]
            pub unkept: BelongsTo<Option<super::dense::Entity>>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

/// The expanded format, where everything is written by hand.
pub mod expanded {
    pub mod cake {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Copy, Debug, Default, DeriveEntity)]
        pub struct Entity;

        impl EntityName for Entity {
            fn schema_name(&self) -> Option<&str> {
                Some("bakery")
            }

            fn comment(&self) -> Option<&str> {
                Some("Sweet")
            }

            fn table_name(&self) -> &'static str {
                "cake"
            }
        }

        #[derive(Clone, Debug, PartialEq, DeriveModel, DeriveActiveModel)]
        pub struct Model {
            pub id: i32,
            pub name: Option<String>,
            pub price: i64,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveColumn)]
        pub enum Column {
            Id,
            #[sea_orm(column_name = "cake_name")]
            Name,
            Price,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DerivePrimaryKey)]
        pub enum PrimaryKey {
            Id,
        }

        impl PrimaryKeyTrait for PrimaryKey {
            type ValueType = i32;

            fn auto_increment() -> bool {
                true
            }
        }

        #[derive(Clone, Copy, Debug, EnumIter)]
        pub enum Relation {}

        impl ColumnTrait for Column {
            type EntityName = Entity;

            fn def(&self) -> ColumnDef {
                match self {
                    Self::Id => ColumnType::Integer.def(),
                    Self::Name => ColumnType::String(StringLen::N(9)).def().null().indexed(),
                    Self::Price => ColumnType::BigInteger.def().default_value(1),
                }
            }
        }

        impl RelationTrait for Relation {
            fn def(&self) -> RelationDef {
                panic!("there are no relations")
            }
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

/// Entities with and without `TableExtras`.
pub mod extras {
    pub mod with {
        use sea_orm::entity::prelude::*;
        use sea_orm::sea_query::extension::postgres::PgExpr;
        use sea_orm::sea_query::{ExprTrait, Func};
        use seachange::schema::Deferrable;
        use seachange::{Extras, TableExtras};

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "with_extras")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub name: String,
            pub status: String,
            pub amount: i32,
            pub doubled: i32,
            pub tripled: i32,
            pub without_id: i32,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {
            #[sea_orm(
                belongs_to = "super::without::Entity",
                from = "Column::WithoutId",
                to = "super::without::Column::Id"
            )]
            Without,
        }

        impl TableExtras for Entity {
            fn extras(table: &mut Extras<Column>) {
                table.comment("About the table");
                table.column_comment(Column::Name, "About the column");
                table.renamed_from("formerly");
                table.index([Column::Status, Column::Amount]);
                table
                    .index([Column::Name, Column::Amount])
                    .descending(Column::Amount)
                    .nulls_last(Column::Amount)
                    .collation(Column::Name, "C")
                    .include([Column::Status])
                    .only_where(Column::Status.ne("\"with_extras\".it's"));
                table
                    .index([])
                    .expression(Func::lower(Expr::col(Column::Name)));
                table
                    .index([Column::Status])
                    .expression_with_opclass(Func::lower(Expr::col(Column::Name)), "gin_trgm_ops")
                    .opclass(Column::Status, "gin_trgm_ops")
                    .method("gin")
                    .name("ix_search");
                table
                    .index([Column::Amount])
                    .unique()
                    .nulls_not_distinct()
                    .nulls_first(Column::Amount);
                table.unique("uq_name", [Column::Name, Column::Status]);
                table
                    .unique("uq_status", [Column::Status])
                    .nulls_not_distinct();
                table.check("ck_amount", Column::Amount.between(0, 5));
                table.check(
                    "ck_same",
                    Expr::col(Column::Amount).gt(Expr::col(Column::Id)),
                );
                // SQLite's builder would panic on this operator.
                table.check("ck_like", Expr::col(Column::Name).ilike("a%"));
                table.collation(Column::Status, "de-x-icu");
                table.generated_stored(Column::Doubled, Expr::col(Column::Amount).mul(2));
                table.generated_virtual(Column::Tripled, Expr::cust("amount * 3"));
                table
                    .foreign_key([Column::WithoutId])
                    .name("fk_without")
                    .deferrable(Deferrable::Deferred);
            }
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod without {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "without_extras")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }
}

/// Writes a small entity: its columns, its relations, and what else belongs in its module.
macro_rules! entity {
    ($module:ident, $table:literal, { $($fields:tt)* }, { $($relations:tt)* } $(, $($more:tt)*)?) => {
        pub mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i32,
                $($fields)*
            }

            #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
            pub enum Relation { $($relations)* }

            impl ActiveModelBehavior for ActiveModel {}

            $($($more)*)?
        }
    };
}

/// Lists that leave an entity out.
pub mod unlisted {
    entity!(comment, "unlisted_comment", {}, {});
    entity!(label, "unlisted_label", {}, {});
    entity!(project, "unlisted_project", {}, {});
    pub mod nested {
        entity!(note, "unlisted_note", {}, {});
    }

    pub fn metadata() -> seachange::Metadata {
        seachange::entities![comment, project].within(module_path!())
    }
}

/// Entities that contradict themselves or one another.
pub mod wrong {
    entity!(table, "wrong", {}, {});
    entity!(same_table, "wrong", {}, {});

    entity!(same_column, "same_column", {
        pub one: i32,
        #[sea_orm(column_name = "one")]
        pub two: i32,
    }, {});

    entity!(same_index, "same_index", {
        #[sea_orm(indexed)]
        pub one: i32,
        #[sea_orm(unique_key = "one")]
        pub two: i32,
    }, {});

    entity!(index_a, "index_a", { pub one: i32, }, {},
    impl seachange::TableExtras for Entity {
        fn extras(table: &mut seachange::Extras<Column>) {
            table.index([Column::One]).name("ix_one");
        }
    });
    entity!(index_b, "index_b", { pub one: i32, }, {},
    impl seachange::TableExtras for Entity {
        fn extras(table: &mut seachange::Extras<Column>) {
            table.index([Column::One]).name("ix_one");
        }
    });

    entity!(same_constraint, "same_constraint", { pub one: i32, }, {},
    impl seachange::TableExtras for Entity {
        fn extras(table: &mut seachange::Extras<Column>) {
            table.check("c", Column::One.gt(0));
            table.unique("c", [Column::One]);
        }
    });

    entity!(enum_a, "enum_a", { pub mood: Mood, }, {},
        #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
        #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "mood", rename_all = "snake_case")]
        pub enum Mood { Good, Bad });
    entity!(enum_b, "enum_b", { pub mood: Mood, }, {},
        #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
        #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "mood", rename_all = "snake_case")]
        pub enum Mood { Good });

    entity!(twice, "twice", { pub table_id: i32, }, {
        #[sea_orm(
            belongs_to = "super::table::Entity",
            from = "Column::TableId",
            to = "super::table::Column::Id",
            on_delete = "Cascade"
        )]
        One,
        #[sea_orm(
            belongs_to = "super::table::Entity",
            from = "Column::TableId",
            to = "super::table::Column::Id",
            on_delete = "SetNull"
        )]
        Two,
    });

    entity!(no_key, "no_key", { pub one: i32, }, {},
    impl seachange::TableExtras for Entity {
        fn extras(table: &mut seachange::Extras<Column>) {
            table.foreign_key([Column::One]).name("nothing");
        }
    });
}
