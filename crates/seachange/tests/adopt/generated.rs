//! Entities as `sea-orm-cli generate entity` writes them, in each of its formats, for a shop of music:
//! keys that are numbered, a table that refers to itself, many to many, money and times.

use seachange::Metadata;
use seachange::schema::Engine;

use super::shapes::proposed;
use crate::support::engines;

mod dense {
    pub mod record {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "record")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub record_id: i32,
            pub title: String,
            #[sea_orm(has_many)]
            pub songs: HasMany<super::song::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod song {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "song")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub song_id: i32,
            pub name: String,
            pub record_id: Option<i32>,
            #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
            pub unit_price: Decimal,
            #[sea_orm(
                belongs_to,
                from = "record_id",
                to = "record_id",
                on_update = "NoAction",
                on_delete = "NoAction"
            )]
            pub record: BelongsTo<Option<super::record::Entity>>,
            #[sea_orm(has_many, via = "mix_song")]
            pub mixes: HasMany<super::mix::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod mix {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "mix")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub mix_id: i32,
            pub name: Option<String>,
            #[sea_orm(has_many, via = "mix_song")]
            pub songs: HasMany<super::song::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod mix_song {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "mix_song")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub mix_id: i32,
            #[sea_orm(primary_key, auto_increment = false)]
            pub song_id: i32,
            #[sea_orm(
                belongs_to,
                from = "mix_id",
                to = "mix_id",
                on_update = "NoAction",
                on_delete = "NoAction"
            )]
            pub mix: BelongsTo<super::mix::Entity>,
            #[sea_orm(
                belongs_to,
                from = "song_id",
                to = "song_id",
                on_update = "NoAction",
                on_delete = "NoAction"
            )]
            pub song: BelongsTo<super::song::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod clerk {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "clerk")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub clerk_id: i32,
            pub last_name: String,
            pub reports_to: Option<i32>,
            pub hire_date: Option<DateTime>,
            #[sea_orm(
                self_ref,
                relation_enum = "SelfRef",
                from = "reports_to",
                to = "clerk_id",
                on_update = "NoAction",
                on_delete = "NoAction"
            )]
            pub clerk: BelongsTo<Option<Entity>>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

mod compact {
    pub mod mix_song {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "mix_song")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub mix_id: i32,
            #[sea_orm(primary_key, auto_increment = false)]
            pub song_id: i32,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {
            #[sea_orm(
                belongs_to = "crate::adopt::generated::dense::mix::Entity",
                from = "Column::MixId",
                to = "crate::adopt::generated::dense::mix::Column::MixId",
                on_update = "NoAction",
                on_delete = "NoAction"
            )]
            Mix,
            #[sea_orm(
                belongs_to = "crate::adopt::generated::dense::song::Entity",
                from = "Column::SongId",
                to = "crate::adopt::generated::dense::song::Column::SongId",
                on_update = "NoAction",
                on_delete = "NoAction"
            )]
            Song,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod clerk {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "clerk")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub clerk_id: i32,
            pub last_name: String,
            pub reports_to: Option<i32>,
            pub hire_date: Option<DateTime>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {
            #[sea_orm(
                belongs_to = "Entity",
                from = "Column::ReportsTo",
                to = "Column::ClerkId",
                on_update = "NoAction",
                on_delete = "NoAction"
            )]
            SelfRef,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

mod expanded {
    pub mod song {
        use sea_orm::entity::prelude::*;

        #[derive(Copy, Clone, Default, Debug, DeriveEntity)]
        pub struct Entity;

        impl EntityName for Entity {
            fn table_name(&self) -> &'static str {
                "song"
            }
        }

        #[derive(Clone, Debug, PartialEq, DeriveModel, DeriveActiveModel, Eq)]
        pub struct Model {
            pub song_id: i32,
            pub name: String,
            pub record_id: Option<i32>,
            pub unit_price: Decimal,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveColumn)]
        pub enum Column {
            SongId,
            Name,
            RecordId,
            UnitPrice,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DerivePrimaryKey)]
        pub enum PrimaryKey {
            SongId,
        }

        impl PrimaryKeyTrait for PrimaryKey {
            type ValueType = i32;
            fn auto_increment() -> bool {
                true
            }
        }

        #[derive(Copy, Clone, Debug, EnumIter)]
        pub enum Relation {
            Record,
        }

        impl ColumnTrait for Column {
            type EntityName = Entity;
            fn def(&self) -> ColumnDef {
                match self {
                    Self::SongId => ColumnType::Integer.def(),
                    // This format says the length of the column, the others do not.
                    Self::Name => ColumnType::String(StringLen::N(200u32)).def(),
                    Self::RecordId => ColumnType::Integer.def().null(),
                    Self::UnitPrice => ColumnType::Decimal(Some((10u32, 2u32))).def(),
                }
            }
        }

        impl RelationTrait for Relation {
            fn def(&self) -> RelationDef {
                match self {
                    Self::Record => {
                        Entity::belongs_to(crate::adopt::generated::dense::record::Entity)
                            .from(Column::RecordId)
                            .to(crate::adopt::generated::dense::record::Column::RecordId)
                            .into()
                    }
                }
            }
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

/// What is generated from SQLite's own words: what SeaORM cannot read is ignored.
mod sqlite {
    pub mod bill {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "Bill")]
        pub struct Model {
            #[sea_orm(column_name = "BillId", primary_key)]
            pub bill_id: i64,
            #[sea_orm(column_name = "ClerkId")]
            pub clerk_id: Option<i64>,
            #[sea_orm(
                column_name = "BillDate",
                ignore,
                column_type = "custom(\"DATETIME\")",
                select_as = "text"
            )]
            pub bill_date: String,
            #[sea_orm(column_name = "City", column_type = "Text", nullable)]
            pub city: Option<String>,
            #[sea_orm(
                column_name = "Total",
                ignore,
                column_type = "custom(\"NUMERIC(10,2)\")",
                select_as = "text"
            )]
            pub total: String,
            #[sea_orm(
                self_ref,
                relation_enum = "SelfRef",
                from = "clerk_id",
                to = "bill_id",
                on_update = "NoAction",
                on_delete = "NoAction"
            )]
            pub bill: BelongsTo<Option<Entity>>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

const SQLITE: &str =
    "create table [record] ([record_id] integer primary key autoincrement not null,
        [title] nvarchar(160) not null);
    create table [song] ([song_id] integer primary key autoincrement not null,
        [name] nvarchar(200) not null, [record_id] integer, [unit_price] real(10,2) not null,
        foreign key ([record_id]) references [record] ([record_id])
            on delete no action on update no action);
    create index [IFK_SongRecordId] on [song] ([record_id]);
    create table [mix] ([mix_id] integer primary key autoincrement not null, [name] nvarchar(120));
    create table [mix_song] ([mix_id] integer not null, [song_id] integer not null,
        constraint [PK_MixSong] primary key ([mix_id], [song_id]),
        foreign key ([mix_id]) references [mix] ([mix_id]),
        foreign key ([song_id]) references [song] ([song_id]));
    create table [clerk] ([clerk_id] integer primary key autoincrement not null,
        [last_name] nvarchar(20) not null, [reports_to] integer, [hire_date] datetime,
        foreign key ([reports_to]) references [clerk] ([clerk_id]));
    create table [Bill] ([BillId] integer primary key autoincrement not null, [ClerkId] integer,
        [BillDate] datetime not null, [City] nvarchar(40), [Total] numeric(10,2) not null,
        foreign key ([ClerkId]) references [Bill] ([BillId]))";

const POSTGRES: &str =
    "create table record (record_id serial not null, title varchar(160) not null,
        constraint record_pkey primary key (record_id));
    create table song (song_id serial not null, name varchar(200) not null, record_id int,
        unit_price numeric(10,2) not null, constraint song_pkey primary key (song_id));
    create table mix (mix_id int generated by default as identity primary key, name varchar(120));
    create table mix_song (mix_id int not null, song_id int not null,
        constraint pk_mix_song primary key (mix_id, song_id));
    create table clerk (clerk_id serial not null, last_name varchar(20) not null, reports_to int,
        hire_date timestamp, constraint clerk_pkey primary key (clerk_id));
    alter table song add constraint song_record_id_fkey foreign key (record_id)
        references record (record_id) on delete no action on update no action;
    create index song_record_id_idx on song (record_id);
    alter table mix_song add constraint mix_of_song foreign key (mix_id) references mix (mix_id);
    alter table mix_song add constraint song_of_mix foreign key (song_id) references song (song_id);
    alter table clerk add constraint clerk_reports_to_fkey foreign key (reports_to)
        references clerk (clerk_id)";

#[tokio::test]
async fn what_is_generated_from_a_database_fits_it() {
    use dense::{clerk, mix, mix_song, record, song};
    let within = |metadata: Metadata| metadata.within("seachange::adopt::none");
    let mut wrong = Vec::new();
    for test in engines().await {
        let engine = test.engine();
        let mut sets = vec![
            (
                "dense",
                within(seachange::entities![record, song, mix, mix_song, clerk]),
            ),
            (
                "compact",
                within(seachange::entities![
                    record,
                    song,
                    mix,
                    compact::mix_song,
                    compact::clerk
                ]),
            ),
            (
                "expanded",
                within(seachange::entities![
                    record,
                    expanded::song,
                    mix,
                    mix_song,
                    clerk
                ]),
            ),
        ];
        test.execute(match engine {
            Engine::Sqlite => SQLITE,
            _ => POSTGRES,
        })
        .await;
        if engine == Engine::Sqlite {
            sets.push(("SQLite's", within(seachange::entities![sqlite::bill])));
        }
        for (format, metadata) in sets {
            let want = metadata.schema().unwrap();
            let (first, first_drift, shown) = proposed(&test, &want, None).await;
            let (next, drift, _) = proposed(&test, &want, Some(&shown)).await;
            let found = [first, first_drift, next, drift].concat();
            if !found.is_empty() {
                wrong.push(format!("{format} on {engine}: {found:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
