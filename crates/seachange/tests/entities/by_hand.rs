//! The tables of `formats` in the expanded format, where everything is written by hand.

pub mod author {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Copy, Debug, Default, DeriveEntity)]
    pub struct Entity;

    impl EntityName for Entity {
        fn table_name(&self) -> &'static str {
            "expanded_authors"
        }
    }

    #[derive(Clone, Debug, PartialEq, DeriveModel, DeriveActiveModel)]
    pub struct Model {
        pub number: i32,
        pub country: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveColumn)]
    pub enum Column {
        Number,
        Country,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DerivePrimaryKey)]
    pub enum PrimaryKey {
        Number,
        Country,
    }

    impl PrimaryKeyTrait for PrimaryKey {
        type ValueType = (i32, String);

        fn auto_increment() -> bool {
            false
        }
    }

    impl ColumnTrait for Column {
        type EntityName = Entity;

        fn def(&self) -> ColumnDef {
            match self {
                Self::Number => ColumnType::Integer.def(),
                Self::Country => ColumnType::String(StringLen::None).def(),
            }
        }
    }

    #[derive(Clone, Copy, Debug, EnumIter)]
    pub enum Relation {
        Books,
    }

    impl RelationTrait for Relation {
        fn def(&self) -> RelationDef {
            Entity::has_many(super::book::Entity).into()
        }
    }

    impl Related<super::book::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Books.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod book {
    use super::super::formats::{Genre, Isbn, Size, Stars};
    use sea_orm::entity::prelude::*;
    use sea_orm::sea_query::{ExprTrait, ForeignKeyAction, ValueType};
    use sea_orm::{ActiveEnum, Condition};

    #[derive(Clone, Copy, Debug, Default, DeriveEntity)]
    pub struct Entity;

    impl EntityName for Entity {
        fn table_name(&self) -> &'static str {
            "expanded_books"
        }

        fn comment(&self) -> Option<&str> {
            Some("It's read")
        }
    }

    #[derive(Clone, Debug, PartialEq, DeriveModel, DeriveActiveModel)]
    pub struct Model {
        pub id: i32,
        pub title: String,
        pub slug: String,
        pub blurb: Option<String>,
        pub sub_title: Option<String>,
        pub readers: i64,
        pub weight: f64,
        pub r#type: i16,
        pub edition: i16,
        pub bought_at: DateTimeUtc,
        pub shelf_row: i32,
        pub spot: i32,
        pub barcode: i64,
        pub word: String,
        pub number: i32,
        pub ratio: f64,
        pub lent: bool,
        pub price: Decimal,
        pub added: DateTimeUtc,
        pub sum: i32,
        pub genre: Genre,
        pub size: Size,
        pub stars: Option<Stars>,
        pub isbn: Isbn,
        pub pages: i32,
        pub initials: String,
        pub next_row: i32,
        pub leaves: i32,
        pub cast: String,
        pub author_number: i32,
        pub author_country: String,
        pub sequel_of: Option<i32>,
        pub copy_of: i32,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveColumn)]
    pub enum Column {
        Id,
        Title,
        Slug,
        Blurb,
        #[sea_orm(column_name = "subTitle")]
        SubTitle,
        #[sea_orm(column_name = "Read By")]
        Readers,
        Weight,
        Type,
        Edition,
        #[sea_orm(column_name = "boughtAt")]
        BoughtAt,
        #[sea_orm(column_name = "shelfRow")]
        ShelfRow,
        Spot,
        Barcode,
        Word,
        Number,
        Ratio,
        Lent,
        Price,
        Added,
        Sum,
        Genre,
        Size,
        Stars,
        Isbn,
        Pages,
        Initials,
        #[sea_orm(column_name = "nextRow")]
        NextRow,
        Leaves,
        Cast,
        #[sea_orm(column_name = "authorNumber")]
        AuthorNumber,
        #[sea_orm(column_name = "authorCountry")]
        AuthorCountry,
        #[sea_orm(column_name = "sequelOf")]
        SequelOf,
        #[sea_orm(column_name = "copyOf")]
        CopyOf,
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

    impl ColumnTrait for Column {
        type EntityName = Entity;

        fn def(&self) -> ColumnDef {
            let string = ColumnType::String(StringLen::None).def();
            let integer = ColumnType::Integer.def();
            match self {
                Self::Title => ColumnType::string(Some(40)).def().unique(),
                Self::Slug => string.unique().indexed(),
                Self::Blurb => ColumnType::Text.def().nullable(),
                Self::SubTitle => string.null(),
                Self::Readers => ColumnType::BigInteger.def(),
                Self::Weight => ColumnType::Double.def(),
                Self::Type | Self::Edition => ColumnType::SmallInteger.def(),
                Self::BoughtAt => ColumnType::TimestampWithTimeZone.def().indexed(),
                Self::ShelfRow | Self::Spot => integer.unique_key("place"),
                Self::Barcode => ColumnType::BigInteger.def().unique_key("alone"),
                Self::Word => string.default_value("it's"),
                Self::Number => integer.default_value(-7),
                Self::Ratio => ColumnType::Double.def().default_value(1.5),
                Self::Lent => ColumnType::Boolean.def().default_value(true),
                Self::Price => ColumnType::Decimal(Some((10, 2)))
                    .def()
                    .default_value("0.00"),
                Self::Added => ColumnType::TimestampWithTimeZone
                    .def()
                    .default(Expr::current_timestamp()),
                Self::Sum => integer.default(Expr::val(3).add(4)),
                Self::Genre => Genre::db_type().def().default_value("sci-fi"),
                Self::Size => Size::db_type().def(),
                Self::Stars => Stars::db_type().def().null(),
                Self::Isbn => Isbn::column_type().def(),
                Self::Pages => integer.comment("Of paper; with \"covers\""),
                Self::Initials => string.extra("CHECK (length(\"initials\") < 4)"),
                Self::NextRow => integer.extra("GENERATED ALWAYS AS (\"shelfRow\" + 1) STORED"),
                Self::Leaves => integer.renamed_from("sheets").comment("Were sheets"),
                Self::Cast | Self::AuthorCountry => string,
                Self::SequelOf => integer.null(),
                Self::Id | Self::AuthorNumber | Self::CopyOf => integer,
            }
        }

        fn select_as(&self, expr: Expr) -> Expr {
            match self {
                Self::Cast => expr.cast_as("text"),
                _ => self.select_enum_as(expr),
            }
        }
    }

    #[derive(Clone, Copy, Debug, EnumIter)]
    pub enum Relation {
        Author,
        Sequel,
        LentSequel,
        Copy,
        Shelf,
    }

    impl RelationTrait for Relation {
        fn def(&self) -> RelationDef {
            match self {
                Self::Author => Entity::belongs_to(super::author::Entity)
                    .from((Column::AuthorNumber, Column::AuthorCountry))
                    .to((
                        super::author::Column::Number,
                        super::author::Column::Country,
                    ))
                    .on_update(ForeignKeyAction::Restrict)
                    .on_delete(ForeignKeyAction::Cascade)
                    .into(),
                Self::Sequel => Entity::belongs_to(Entity)
                    .from(Column::SequelOf)
                    .to(Column::Id)
                    .on_delete(ForeignKeyAction::SetNull)
                    .fk_name("sequel of")
                    .into(),
                Self::LentSequel => Entity::belongs_to(Entity)
                    .from(Column::SequelOf)
                    .to(Column::Id)
                    .on_condition(|_, _| Condition::all().add(Column::Lent.eq(true)))
                    .into(),
                Self::Copy => Entity::belongs_to(Entity)
                    .from(Column::CopyOf)
                    .to(Column::Id)
                    .skip_fk()
                    .into(),
                Self::Shelf => Entity::has_one(super::shelf::Entity).into(),
            }
        }
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
    use super::super::formats::Genre;
    use sea_orm::ActiveEnum;
    use sea_orm::entity::prelude::*;
    use sea_orm::sea_query::ValueType;

    #[derive(Clone, Copy, Debug, Default, DeriveEntity)]
    pub struct Entity;

    impl EntityName for Entity {
        fn table_name(&self) -> &'static str {
            "expanded_shelves"
        }

        fn schema_name(&self) -> Option<&str> {
            Some("sys")
        }
    }

    #[derive(Clone, Debug, PartialEq, DeriveModel, DeriveActiveModel)]
    pub struct Model {
        pub id: Uuid,
        pub book_id: i32,
        pub genre: Genre,
        pub genres: Vec<Genre>,
        pub words: Option<Vec<String>>,
        pub span: String,
        pub label: String,
        pub tag: Uuid,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveColumn)]
    pub enum Column {
        Id,
        BookId,
        Genre,
        Genres,
        Words,
        Span,
        Label,
        Tag,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DerivePrimaryKey)]
    pub enum PrimaryKey {
        Id,
    }

    impl PrimaryKeyTrait for PrimaryKey {
        type ValueType = Uuid;

        fn auto_increment() -> bool {
            false
        }
    }

    impl ColumnTrait for Column {
        type EntityName = Entity;

        fn def(&self) -> ColumnDef {
            match self {
                Self::Id => ColumnType::Uuid.def(),
                Self::BookId => ColumnType::Integer.def().unique(),
                Self::Genre => Genre::db_type().def().indexed(),
                Self::Genres => Vec::<Genre>::column_type().def(),
                Self::Words => Vec::<String>::column_type().def().null(),
                Self::Span => ColumnType::custom("int4range").def(),
                Self::Label => ColumnType::String(StringLen::None)
                    .def()
                    .extra("COLLATE \"C\""),
                Self::Tag => ColumnType::Uuid
                    .def()
                    .default(Expr::cust("gen_random_uuid()")),
            }
        }
    }

    #[derive(Clone, Copy, Debug, EnumIter)]
    pub enum Relation {
        Book,
    }

    impl RelationTrait for Relation {
        fn def(&self) -> RelationDef {
            Entity::belongs_to(super::book::Entity)
                .from(Column::BookId)
                .to(super::book::Column::Id)
                .into()
        }
    }

    impl Related<super::book::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Book.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}
