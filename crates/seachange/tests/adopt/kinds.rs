//! An entity for each Rust type that a field may have, and a row written and read through it.

use std::pin::Pin;

use sea_orm::DatabaseConnection;
use sea_orm::entity::prelude::*;
use seachange::schema::{Schema, Table};

type Tried<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + 'a>>;

/// One kind of field: the entity's table is `t`, with a key `id` and the field `v`.
pub(super) struct KindOfField {
    pub(super) name: &'static str,
    declared: fn() -> Schema,
    /// Writes a row with SeaORM and reads it back.
    pub(super) write_and_read: fn(&DatabaseConnection) -> Tried<'_>,
    /// Reads all rows with SeaORM.
    pub(super) read: fn(&DatabaseConnection) -> Tried<'_>,
}

impl KindOfField {
    pub(super) fn declared(&self) -> Table {
        (self.declared)().table(&"t".into()).unwrap().clone()
    }
}

macro_rules! kinds {
    ($($name:ident: $ty:ty $({$($attribute:tt)*})? = $values:expr;)*) => {
        $(mod $name {
            #[allow(unused_imports)]
            use super::*;

            pub(super) mod entity {
                #[allow(unused_imports)]
                use super::*;

                #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
                #[sea_orm(table_name = "t")]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: i32,
                    $(#[sea_orm($($attribute)*)])?
                    pub v: $ty,
                }

                #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
                pub enum Relation {}

                impl ActiveModelBehavior for ActiveModel {}
            }

            pub(super) fn declared() -> Schema {
                seachange::entities![entity].within(module_path!()).schema().unwrap()
            }

            pub(super) fn write_and_read(db: &DatabaseConnection) -> Tried<'_> {
                Box::pin(async move {
                    let text = |error: DbErr| error.to_string();
                    for (id, value) in (7..).zip($values) {
                        let row = entity::Model { id, v: value };
                        let new: entity::ActiveModel = row.clone().into();
                        let new = entity::Entity::insert(new.reset_all());
                        new.exec_without_returning(db).await.map_err(text)?;
                        let found = entity::Entity::find_by_id(id).one(db).await.map_err(text)?;
                        if found.as_ref() != Some(&row) {
                            return Err(format!("wrote {row:?}, read {found:?}"));
                        }
                    }
                    Ok(())
                })
            }

            pub(super) fn read(db: &DatabaseConnection) -> Tried<'_> {
                Box::pin(async move {
                    let found = entity::Entity::find().all(db).await;
                    found.map(drop).map_err(|error| error.to_string())
                })
            }
        })*

        pub(super) const KINDS: &[KindOfField] = &[$(KindOfField {
            name: stringify!($name),
            declared: $name::declared,
            write_and_read: $name::write_and_read,
            read: $name::read,
        }),*];
    };
}

fn day() -> Date {
    Date::from_ymd_opt(2024, 2, 29).unwrap()
}

fn noon() -> DateTime {
    day().and_hms_opt(12, 0, 0).unwrap()
}

/// Kept as its text.
#[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum Word {
    #[sea_orm(string_value = "up")]
    Up,
}

/// Kept as its text, in a text column.
#[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum TextWord {
    #[sea_orm(string_value = "up")]
    Up,
}

/// Kept in an enum type.
#[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "mood")]
pub enum Mood {
    #[sea_orm(string_value = "up")]
    Up,
    #[sea_orm(string_value = "down")]
    Down,
}

/// Kept as a number.
#[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum Number {
    #[sea_orm(num_value = 1)]
    One,
}

/// Kept as a small number.
#[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum SmallNumber {
    #[sea_orm(num_value = 1)]
    One,
}

kinds! {
    bool: bool = [true, false];
    i8: i8 = [1];
    i16: i16 = [1];
    i32: i32 = [1];
    i64: i64 = [1];
    u8: u8 = [1];
    u16: u16 = [1];
    u32: u32 = [1];
    u64: u64 = [1];
    f32: f32 = [1.5, 2.0];
    f64: f64 = [1.5, 2.0];
    decimal: Decimal = [Decimal::new(15, 1), Decimal::new(2, 0)];
    decimal_sized: Decimal {column_type = "Decimal(Some((16, 4)))"} = [Decimal::new(15, 1), Decimal::new(2, 0)];
    money: Decimal {column_type = "Money(None)"} = [Decimal::new(15, 1), Decimal::new(2, 0)];
    string: String = ["abc".to_owned()];
    string_sized: String {column_type = "String(StringLen::N(255))"} = ["abc".to_owned()];
    text: String {column_type = "Text"} = ["abc".to_owned()];
    char_sized: String {column_type = "Char(Some(3))"} = ["abc".to_owned()];
    citext: String {column_type = "custom(\"citext\")"} = ["abc".to_owned()];
    word: Word = [Word::Up];
    text_word: TextWord = [TextWord::Up];
    mood: Mood = [Mood::Up, Mood::Down];
    number: Number = [Number::One];
    small_number: SmallNumber = [SmallNumber::One];
    bytes: Vec<u8> = [vec![1, 2, 255]];
    blob: Vec<u8> {column_type = "Blob"} = [vec![1, 2, 255]];
    binary_sized: Vec<u8> {column_type = "Binary(3)"} = [vec![1, 2, 255]];
    var_binary: Vec<u8> {column_type = "VarBinary(StringLen::N(64))"} = [vec![1, 2, 255]];
    uuid: Uuid = [Uuid::from_u128(7)];
    json: Json = [Json::from("x"), Json::Object(Default::default())];
    json_binary: Json {column_type = "JsonBinary"} = [Json::from("x"), Json::Object(Default::default())];
    date: Date = [day()];
    time: Time = [noon().time()];
    date_time: DateTime = [noon()];
    timestamp: DateTime {column_type = "Timestamp"} = [noon()];
    date_time_utc: DateTimeUtc = [noon().and_utc()];
    date_time_zoned: DateTimeWithTimeZone = [noon().and_utc().fixed_offset()];
    date_time_local: DateTimeLocal = [noon().and_utc().into()];
}
