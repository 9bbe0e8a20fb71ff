//! A service that migrates when it starts, and says how many cakes there are.

use std::error::Error;

use entity::prelude::Cake;
use migration::Migrator;
use sea_orm::{EntityTrait, PaginatorTrait};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let db = sea_orm::Database::connect(std::env::var("DATABASE_URL")?).await?;
    Migrator::up(&db, None).await?;

    println!("{} cakes", Cake::find().count(&db).await?);
    Ok(())
}
