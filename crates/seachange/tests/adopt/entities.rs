//! Entities as real projects have them.

use sea_orm::entity::prelude::*;

macro_rules! plain {
    () => {
        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}
        impl ActiveModelBehavior for ActiveModel {}
    };
}

macro_rules! of_account {
    () => {
        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {
            #[sea_orm(
                belongs_to = "super::account::Entity",
                from = "Column::AccountId",
                to = "super::account::Column::Id"
            )]
            Account,
        }
        impl ActiveModelBehavior for ActiveModel {}
    };
}

pub mod account {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "accounts")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(unique)]
        pub email: String,
        pub password_hash: String,
        pub display_name: Option<String>,
        pub is_admin: bool,
        pub avatar: Option<Vec<u8>>,
        #[sea_orm(column_type = "Decimal(Some((16, 4)))")]
        pub balance: Decimal,
        pub settings: Json,
        pub login_count: i64,
        pub last_seen_at: Option<DateTimeUtc>,
        pub created_at: DateTimeWithTimeZone,
        #[sea_orm(ignore)]
        pub cached: bool,
    }

    plain!();
}

pub mod session {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: i32,
        #[sea_orm(column_type = "Text")]
        pub token: String,
        pub expires_at: DateTime,
    }

    of_account!();
}

pub mod membership {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "memberships")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub team: String,
        pub role: i16,
    }

    of_account!();
}

pub mod profile {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "profiles")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: i32,
        pub bio: Option<String>,
    }

    of_account!();
}

pub mod profile_alone {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "profiles", schema_name = "public")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: i32,
        pub bio: Option<String>,
    }

    plain!();
}

pub mod account_total {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "account_totals")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub total: f64,
    }

    plain!();
}

pub mod failing {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "failing")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub wide: i32,
        pub at: DateTime,
        pub optional: String,
        pub amount: Decimal,
    }

    plain!();
}

pub mod order {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "Orders")]
    pub struct Model {
        #[sea_orm(primary_key, column_name = "Id")]
        pub id: i64,
        pub status: Status,
        pub mood: Mood,
        pub size: Option<Size>,
        pub level: Level,
        pub kind: Kind,
    }

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "order_status")]
    pub enum Status {
        #[sea_orm(string_value = "open")]
        Open,
        #[sea_orm(string_value = "paid")]
        Paid,
        #[sea_orm(string_value = "sent")]
        Sent,
    }

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(
        rs_type = "String",
        db_type = "Enum",
        enum_name = "OrderMood",
        rename_all = "snake_case"
    )]
    pub enum Mood {
        Good,
        Bad,
    }

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(
        rs_type = "String",
        db_type = "String(StringLen::None)",
        rename_all = "kebab-case"
    )]
    pub enum Size {
        Small,
        ExtraLarge,
    }

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
    pub enum Level {
        #[sea_orm(num_value = 0)]
        Low,
        #[sea_orm(num_value = 1)]
        High,
    }

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "i32", db_type = "Integer")]
    pub enum Kind {
        #[sea_orm(num_value = 0)]
        Plain,
    }

    plain!();
}

pub mod plain_one {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "plain")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
    }

    plain!();
}

pub mod log {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "log", schema_name = "audit")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub account_id: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::profile_alone::Entity",
            from = "Column::AccountId",
            to = "super::profile_alone::Column::AccountId"
        )]
        Profile,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod stated {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "stated", comment = "What is said.")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub floor: u32,
        #[sea_orm(unique_key = "place")]
        pub shop: String,
        #[sea_orm(unique_key = "place")]
        pub shelf: i32,
        #[sea_orm(indexed)]
        pub owner: Option<String>,
        #[sea_orm(default_value = 0)]
        pub count: i32,
        #[sea_orm(default_value = "new")]
        pub state: String,
        #[sea_orm(default_value = true)]
        pub open: bool,
        #[sea_orm(default_expr = "Expr::current_timestamp()")]
        pub made_at: DateTimeUtc,
        #[sea_orm(extra = "DEFAULT CURRENT_TIMESTAMP")]
        pub seen_at: DateTimeUtc,
    }

    plain!();
}

pub mod counter {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "counters")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: u32,
        #[sea_orm(comment = "What is counted.")]
        pub name: String,
    }

    plain!();
}

pub mod reading {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "readings", comment = "What was read.")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub counter_id: u32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::counter::Entity",
            from = "Column::CounterId",
            to = "super::counter::Column::Id"
        )]
        Counter,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod ballot {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ballots")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(unique_key = "one_ballot_of_a_voter_in_an_election_of_the_year")]
        pub voter: String,
        #[sea_orm(unique_key = "one_ballot_of_a_voter_in_an_election_of_the_year")]
        pub election: String,
        pub status: order::Status,
    }

    plain!();
}

pub mod cell {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "cells")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub row: String,
        #[sea_orm(primary_key)]
        pub sheet: Uuid,
        #[sea_orm(primary_key)]
        pub number: i32,
        #[sea_orm(unique_key = "place")]
        pub x: i32,
        #[sea_orm(unique_key = "place")]
        pub y: i32,
        #[sea_orm(unique_key = "depth")]
        pub z: i32,
        #[sea_orm(unique_key = "depth")]
        pub w: i32,
    }

    plain!();
}

pub mod cell_note {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "cell_notes")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub row: String,
        pub sheet: Uuid,
        pub number: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::cell::Entity",
            from = "(Column::Row, Column::Sheet, Column::Number)",
            to = "(super::cell::Column::Row, super::cell::Column::Sheet, super::cell::Column::Number)"
        )]
        Cell,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod hit {
    use super::*;
    use seachange::{Extras, TableExtras};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "hits")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub url: String,
        pub count: i32,
    }

    plain!();

    impl TableExtras for Entity {
        fn extras(table: &mut Extras<Column>) {
            table.unlogged();
            table.storage("fillfactor", 70);
            table.strict();
            table.without_rowid();
        }
    }
}
