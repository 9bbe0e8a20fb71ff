use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_index(
                Index::create()
                    .name("idx-fruit-cake")
                    .table("fruit")
                    .col("cake_id")
                    .to_owned(),
            )
            .await?;
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE UNIQUE INDEX one_ripe_fruit ON fruit (cake_id, lower(name))
                 WHERE ripeness = 'ripe'",
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("DROP INDEX one_ripe_fruit").await?;
        db.execute_unprepared("DROP INDEX \"idx-fruit-cake\"")
            .await?;
        Ok(())
    }
}
