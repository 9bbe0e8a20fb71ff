//! What applied the migrations so far: SeaORM's own migrator. As many as are asked for.

use std::error::Error;

use migration::{Migrator, MigratorTrait};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let db = sea_orm::Database::connect(std::env::var("DATABASE_URL")?).await?;
    let steps = std::env::args().nth(1).map(|steps| steps.parse());
    Ok(Migrator::up(&db, steps.transpose()?).await?)
}
