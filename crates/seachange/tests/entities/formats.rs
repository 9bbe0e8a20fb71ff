//! The same tables in each of SeaORM's three formats, which between them say all that an entity
//! can: `authors` with a key of two columns, `books` with most attributes, and `shelves` with what
//! only PostgreSQL has.

use sea_orm::entity::prelude::*;

/// Called `Genre` in the database too: SeaORM writes a name without quotes, and cannot make it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Enum", rename_all = "kebab-case")]
pub enum Genre {
    SciFi,
    #[sea_orm(string_value = "who's there?")]
    Crime,
    #[sea_orm(rename = "SCREAMING_SNAKE_CASE", display_value = "For children")]
    YoungReaders,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(1))")]
pub enum Size {
    #[sea_orm(string_value = "S")]
    Small,
    #[sea_orm(string_value = "L")]
    Large,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum Stars {
    #[sea_orm(num_value = -1)]
    None,
    Five = 5,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveValueType)]
pub struct Isbn(pub String);

pub mod dense {
    pub mod author {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "dense_authors")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub number: i32,
            #[sea_orm(primary_key, auto_increment = false)]
            pub country: String,
            #[sea_orm(has_many)]
            pub books: HasMany<super::book::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod book {
        use super::super::{Genre, Isbn, Size, Stars};
        use sea_orm::ExprTrait;
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(
            table_name = "dense_books",
            comment = "It's read",
            rename_all = "camelCase"
        )]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            #[sea_orm(column_type = "String(StringLen::N(40))", unique)]
            pub title: String,
            #[sea_orm(unique, indexed)]
            pub slug: String,
            #[sea_orm(column_type = "Text", nullable)]
            pub blurb: String,
            pub sub_title: Option<String>,
            #[sea_orm(column_name = "Read By")]
            pub readers: i64,
            #[sea_orm(enum_name = "Weight")]
            pub grams: f64,
            pub r#type: i16,
            #[sea_orm(column_name = "edition")]
            pub edition_: i16,
            #[sea_orm(indexed)]
            pub bought_at: DateTimeUtc,
            #[sea_orm(unique_key = "place")]
            pub shelf_row: i32,
            #[sea_orm(unique_key = "place")]
            pub spot: i32,
            #[sea_orm(unique_key = "alone")]
            pub barcode: i64,
            #[sea_orm(default_value = "it's")]
            pub word: String,
            #[sea_orm(default_value = -7)]
            pub number: i32,
            #[sea_orm(default_value = 1.5)]
            pub ratio: f64,
            #[sea_orm(default_value = true)]
            pub lent: bool,
            #[sea_orm(column_type = "Decimal(Some((10, 2)))", default_value = "0.00")]
            pub price: Decimal,
            #[sea_orm(default_expr = "Expr::current_timestamp()")]
            pub added: DateTimeUtc,
            #[sea_orm(default_expr = "ExprTrait::add(Expr::val(3), 4)")]
            pub sum: i32,
            #[sea_orm(default_value = "sci-fi")]
            pub genre: Genre,
            pub size: Size,
            pub stars: Option<Stars>,
            pub isbn: Isbn,
            #[sea_orm(comment = "Of paper; with \"covers\"")]
            pub pages: i32,
            #[sea_orm(extra = "CHECK (length(\"initials\") < 4)")]
            pub initials: String,
            #[sea_orm(extra = "GENERATED ALWAYS AS (\"shelfRow\" + 1) STORED")]
            pub next_row: i32,
            #[sea_orm(renamed_from = "sheets", comment = "Were sheets")]
            pub leaves: i32,
            #[sea_orm(select_as = "text", save_as = "text")]
            pub cast: String,
            #[sea_orm(ignore)]
            pub ignored: i32,
            pub author_number: i32,
            pub author_country: String,
            pub sequel_of: Option<i32>,
            pub copy_of: i32,
            #[sea_orm(
                belongs_to,
                from = "(author_number, author_country)",
                to = "(number, country)",
                on_update = "Restrict",
                on_delete = "Cascade"
            )]
            pub author: BelongsTo<super::author::Entity>,
            #[sea_orm(
                self_ref,
                relation_enum = "Sequel",
                from = "sequel_of",
                to = "id",
                on_delete = "SetNull"
            )]
            pub sequel: BelongsTo<Option<Entity>>,
            #[sea_orm(self_ref, relation_enum = "Copy", from = "copy_of", to = "id", skip_fk)]
            pub copy: BelongsTo<Entity>,
            #[sea_orm(has_one)]
            pub shelf: HasOne<super::shelf::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod shelf {
        use super::super::Genre;
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "dense_shelves", schema_name = "sys")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: Uuid,
            #[sea_orm(unique)]
            pub book_id: i32,
            #[sea_orm(indexed)]
            pub genre: Genre,
            pub genres: Vec<Genre>,
            pub words: Option<Vec<String>>,
            #[sea_orm(column_type = "custom(\"int4range\")")]
            pub span: String,
            #[sea_orm(extra = "COLLATE \"C\"")]
            pub label: String,
            #[sea_orm(default_expr = "Expr::cust(\"gen_random_uuid()\")")]
            pub tag: Uuid,
            #[sea_orm(belongs_to, from = "book_id", to = "id")]
            pub book: BelongsTo<super::book::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

pub mod compact {
    pub mod author {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "compact_authors")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub number: i32,
            #[sea_orm(primary_key, auto_increment = false)]
            pub country: String,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {
            #[sea_orm(has_many = "super::book::Entity", via_rel = "Relation::Author")]
            Books,
        }

        impl Related<super::book::Entity> for Entity {
            fn to() -> RelationDef {
                Relation::Books.def()
            }
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod book {
        use super::super::{Genre, Isbn, Size, Stars};
        use sea_orm::ExprTrait;
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(
            table_name = "compact_books",
            comment = "It's read",
            rename_all = "camelCase"
        )]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            #[sea_orm(column_type = "String(StringLen::N(40))", unique)]
            pub title: String,
            #[sea_orm(unique, indexed)]
            pub slug: String,
            #[sea_orm(column_type = "Text", nullable)]
            pub blurb: String,
            pub sub_title: Option<String>,
            #[sea_orm(column_name = "Read By")]
            pub readers: i64,
            #[sea_orm(enum_name = "Weight")]
            pub grams: f64,
            pub r#type: i16,
            #[sea_orm(column_name = "edition")]
            pub edition_: i16,
            #[sea_orm(indexed)]
            pub bought_at: DateTimeUtc,
            #[sea_orm(unique_key = "place")]
            pub shelf_row: i32,
            #[sea_orm(unique_key = "place")]
            pub spot: i32,
            #[sea_orm(unique_key = "alone")]
            pub barcode: i64,
            #[sea_orm(default_value = "it's")]
            pub word: String,
            #[sea_orm(default_value = -7)]
            pub number: i32,
            #[sea_orm(default_value = 1.5)]
            pub ratio: f64,
            #[sea_orm(default_value = true)]
            pub lent: bool,
            #[sea_orm(column_type = "Decimal(Some((10, 2)))", default_value = "0.00")]
            pub price: Decimal,
            #[sea_orm(default_expr = "Expr::current_timestamp()")]
            pub added: DateTimeUtc,
            #[sea_orm(default_expr = "ExprTrait::add(Expr::val(3), 4)")]
            pub sum: i32,
            #[sea_orm(default_value = "sci-fi")]
            pub genre: Genre,
            pub size: Size,
            pub stars: Option<Stars>,
            pub isbn: Isbn,
            #[sea_orm(comment = "Of paper; with \"covers\"")]
            pub pages: i32,
            #[sea_orm(extra = "CHECK (length(\"initials\") < 4)")]
            pub initials: String,
            #[sea_orm(extra = "GENERATED ALWAYS AS (\"shelfRow\" + 1) STORED")]
            pub next_row: i32,
            #[sea_orm(renamed_from = "sheets", comment = "Were sheets")]
            pub leaves: i32,
            #[sea_orm(select_as = "text", save_as = "text")]
            pub cast: String,
            #[sea_orm(ignore)]
            pub ignored: i32,
            pub author_number: i32,
            pub author_country: String,
            pub sequel_of: Option<i32>,
            pub copy_of: i32,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {
            #[sea_orm(
                belongs_to = "super::author::Entity",
                from = "(Column::AuthorNumber, Column::AuthorCountry)",
                to = "(super::author::Column::Number, super::author::Column::Country)",
                on_update = "Restrict",
                on_delete = "Cascade"
            )]
            Author,
            #[sea_orm(
                belongs_to = "Entity",
                from = "Column::SequelOf",
                to = "Column::Id",
                on_delete = "SetNull",
                fk_name = "sequel of"
            )]
            Sequel,
            // The same way, for joins.
            #[sea_orm(
                belongs_to = "Entity",
                from = "Column::SequelOf",
                to = "Column::Id",
                on_condition = "Column::Lent.eq(true)",
                condition_type = "any"
            )]
            LentSequel,
            #[sea_orm(
                belongs_to = "Entity",
                from = "Column::CopyOf",
                to = "Column::Id",
                skip_fk
            )]
            Copy,
            #[sea_orm(has_one = "super::shelf::Entity")]
            Shelf,
        }

        impl Related<super::author::Entity> for Entity {
            fn to() -> RelationDef {
                Relation::Author.def()
            }
        }

        impl Related<super::shelf::Entity> for Entity {
            fn to() -> RelationDef {
                Relation::Shelf.def()
            }
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod shelf {
        use super::super::Genre;
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "compact_shelves", schema_name = "sys")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: Uuid,
            #[sea_orm(unique)]
            pub book_id: i32,
            #[sea_orm(indexed)]
            pub genre: Genre,
            pub genres: Vec<Genre>,
            pub words: Option<Vec<String>>,
            #[sea_orm(column_type = "custom(\"int4range\")")]
            pub span: String,
            #[sea_orm(extra = "COLLATE \"C\"")]
            pub label: String,
            #[sea_orm(default_expr = "Expr::cust(\"gen_random_uuid()\")")]
            pub tag: Uuid,
        }

        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {
            #[sea_orm(
                belongs_to = "super::book::Entity",
                from = "Column::BookId",
                to = "super::book::Column::Id"
            )]
            Book,
        }

        impl Related<super::book::Entity> for Entity {
            fn to() -> RelationDef {
                Relation::Book.def()
            }
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

/// The types of Rust that a field may have without another word.
pub mod kinds {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "kinds")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: u32,
        pub a_i8: i8,
        pub a_i16: i16,
        pub a_i32: i32,
        pub a_i64: i64,
        pub a_u8: u8,
        pub a_u16: u16,
        pub a_u32: u32,
        pub a_u64: u64,
        pub a_f32: f32,
        pub a_f64: f64,
        pub a_bool: bool,
        pub a_string: String,
        pub bytes: Vec<u8>,
        pub date: Date,
        pub time: Time,
        pub date_time: DateTime,
        pub utc: DateTimeUtc,
        pub local: DateTimeLocal,
        pub zoned: DateTimeWithTimeZone,
        pub time_date: TimeDate,
        pub time_time: TimeTime,
        pub time_date_time: TimeDateTime,
        pub time_zoned: TimeDateTimeWithTimeZone,
        pub decimal: Decimal,
        pub uuid: Uuid,
        pub json: Json,
        #[sea_orm(column_type = "JsonBinary")]
        pub json_binary: Json,
        #[sea_orm(column_type = "Timestamp")]
        pub stamp: DateTimeUtc,
        #[sea_orm(column_type = "Char(Some(2))")]
        pub two: String,
        #[sea_orm(column_type = "Binary(16)")]
        pub binary: Vec<u8>,
        #[sea_orm(column_type = "VarBinary(StringLen::N(8))")]
        pub short_bytes: Vec<u8>,
        #[sea_orm(column_type = "Blob")]
        pub blob: Vec<u8>,
        #[sea_orm(column_type = "Money(None)")]
        pub money: Decimal,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
