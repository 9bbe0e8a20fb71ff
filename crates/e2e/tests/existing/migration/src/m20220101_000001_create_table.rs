use sea_orm_migration::prelude::extension::postgres::Type;
use sea_orm_migration::sea_orm::DbBackend;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Cake::Table)
                    .if_not_exists()
                    .col(pk_auto(Cake::Id))
                    .col(string_len_uniq(Cake::Name, 80))
                    .col(json_binary_null(Cake::Recipe))
                    .col(
                        timestamp_with_time_zone(Cake::BakedAt)
                            .default(Expr::current_timestamp()),
                    )
                    .to_owned(),
            )
            .await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            manager
                .create_type(
                    Type::create()
                        .as_enum("ripeness")
                        .values(["green", "ripe"])
                        .to_owned(),
                )
                .await?;
        }
        manager
            .create_table(
                Table::create()
                    .table(Fruit::Table)
                    .if_not_exists()
                    .col(pk_auto(Fruit::Id))
                    .col(string(Fruit::Name))
                    .col(
                        enumeration(Fruit::Ripeness, "ripeness", ["green", "ripe"])
                            .default("green"),
                    )
                    .col(integer_null(Fruit::CakeId))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fruit_on_cake")
                            .from(Fruit::Table, Fruit::CakeId)
                            .to(Cake::Table, Cake::Id)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(Fruit::Table).to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table(Cake::Table).to_owned())
            .await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            manager
                .drop_type(Type::drop().name("ripeness").to_owned())
                .await?;
        }
        Ok(())
    }
}

#[derive(DeriveIden)]
enum Cake {
    Table,
    Id,
    Name,
    Recipe,
    BakedAt,
}

#[derive(DeriveIden)]
enum Fruit {
    Table,
    Id,
    Name,
    Ripeness,
    CakeId,
}
