//! Two services in one database, each with entities, revisions and a record of its own.

use sea_orm_migration::{prelude::*, schema::*};
use seachange::compare::{Comparison, Filter, compare, read, recorded, settle};
use seachange::diff::Answers;
use seachange::revision::History;
use seachange::run::{applied, journal};
use seachange::schema::{Schema, from_facts};

use super::{down, ids, revision, tables, up};
use crate::support::{TestDatabase, engines};

revision!(
    Invoices,
    "m1_invoices",
    |op| {
        op.create_table(
            Table::create()
                .table("billing_invoices")
                .col(pk_auto("id"))
                .col(integer("amount"))
                .to_owned(),
        );
    },
    |op| {
        op.drop_table("billing_invoices");
    }
);

revision!(
    Orders,
    "m1_orders",
    |op| {
        op.create_table(
            Table::create()
                .table("shop_orders")
                .col(pk_auto("id"))
                .col(string("customer"))
                .to_owned(),
        );
    },
    |op| {
        op.drop_table("shop_orders");
    }
);

const BILLING: &str = "billing_invoices table\n\
    billing_invoices column id integer not null auto_increment\n\
    billing_invoices column amount integer not null\nbilling_invoices primary key (id)";
const SHOP: &str = "shop_orders table\nshop_orders column id integer not null auto_increment\n\
    shop_orders column customer string not null\nshop_orders primary key (id)";

async fn looked_at(
    test: &TestDatabase,
    own: &Schema,
    history: &History,
    filter: &Filter,
) -> Comparison {
    let mut catalog = read(test.db(), own, history.record_table()).await.unwrap();
    let (mut want, mut base) = (own.clone(), own.clone());
    filter.hide(&mut want, &mut base, Some(&mut catalog));
    let made = recorded(history).unwrap();
    settle(&base, &made, test.engine(), &mut catalog).unwrap();
    let database = Some((test.engine(), &catalog));
    compare(&want, base, database, &Answers::default()).unwrap()
}

#[tokio::test]
async fn neither_service_touches_the_other() {
    let schema = |text| from_facts(text, 1).unwrap();
    let services = [
        (BILLING, "billing_migrations", "shop_orders", "billing_*"),
        (SHOP, "shop_migrations", "billing_invoices", "shop_*"),
    ];
    for test in engines().await {
        let histories = services.map(|(_, record, ..)| {
            let migrations: Vec<Box<dyn MigrationTrait>> = match record {
                "billing_migrations" => vec![Box::new(Invoices)],
                _ => vec![Box::new(Orders)],
            };
            History::new(migrations, record.to_owned()).unwrap()
        });
        for history in &histories {
            assert_eq!(ids(&up(test.db(), history, "head").await.unwrap()).len(), 1);
        }
        for ((own, record, others, pattern), history) in services.iter().zip(&histories) {
            let what = format!("{record} on {}", test.engine());
            let own = schema(own);
            let found = looked_at(&test, &own, history, &Filter::default()).await;
            assert!(found.is_clean(), "{what}: {found:#?}");
            // The other's tables are nobody's here, and its record is known for what it is.
            let unmanaged: Vec<String> = found
                .unmanaged
                .iter()
                .map(|fact| fact.key.to_string())
                .collect();
            assert_eq!(unmanaged, [format!("table {others}")], "{what}");
            let filter = Filter::new(&[pattern], &[]).unwrap();
            let found = looked_at(&test, &own, history, &filter).await;
            assert!(
                found.is_clean() && found.unmanaged.is_empty(),
                "{what}: {found:#?}"
            );
            // Each knows its own revisions only.
            let ids: Vec<String> = history
                .entries()
                .iter()
                .map(|entry| entry.id.clone())
                .collect();
            let run = journal::read(test.db(), record).await.unwrap();
            assert_eq!(
                run.iter().map(|run| run.id.clone()).collect::<Vec<_>>(),
                ids,
                "{what}"
            );
            let applied = applied(test.db(), record).await.unwrap();
            assert_eq!(
                applied.into_iter().map(|row| row.id).collect::<Vec<_>>(),
                ids,
                "{what}"
            );
        }
        down(test.db(), &histories[0], "base").await.unwrap();
        let left = tables(&test).await;
        assert!(left.contains(&"shop_orders".to_owned()), "{left:?}");
        assert!(!left.contains(&"billing_invoices".to_owned()), "{left:?}");
        let own = schema(SHOP);
        let found = looked_at(&test, &own, &histories[1], &Filter::default()).await;
        assert!(found.is_clean(), "{found:#?}");
    }
}
