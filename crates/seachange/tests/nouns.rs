//! What a schema is made of, each changed on a real engine by the laws of `laws.rs`.

use crate::laws::{Pair, holds};
use crate::support;

/// Pairs that only PostgreSQL can hold.
const POSTGRES_PAIRS: &[Pair] = &[
    Pair {
        name: "collations",
        from: "t table\nt column id integer not null\nt column a text not null collation C\n\
               t column b string(9) null\nt column c text not null collation C\nt primary key (id)",
        to: "t table\nt column id integer not null\nt column a string(20) not null collation C\n\
             t column b string(9) null collation POSIX\nt column c text not null\nt primary key (id)",
        rows: &["insert into t (id, a, c) values (1, 'x', 'y')"],
        kept: "select count(*) from t where a = 'x' and c = 'y'",
    },
    Pair {
        name: "an identity's options",
        from: "t table\nt column id integer not null auto_increment\n\
               t column n big_integer not null auto_increment identity always start 50 increment 5\n\
               t primary key (id)",
        to: "t table\nt column id integer not null auto_increment identity start 7 cache 3 cycle\n\
             t column n big_integer not null auto_increment identity minimum 3 maximum 900\n\
             t primary key (id)",
        rows: &[
            "insert into t default values",
            "insert into t default values",
        ],
        kept: "select count(*) from t where n in (50, 55)",
    },
    Pair {
        name: "plain, serial, identity",
        from: "t table\nt column id integer not null auto_increment serial\nt column a integer not null\n\
               t column b small_integer not null auto_increment identity\nt column c integer not null auto_increment serial\n\
               t primary key (id)",
        to: "t table\nt column id integer not null auto_increment identity\n\
             t column a integer not null auto_increment\n\
             t column b small_integer not null auto_increment serial\nt column c integer not null\n\
             t primary key (id)",
        rows: &["insert into t (a) values (10), (20)"],
        kept: "select count(*) from t where a in (10, 20) and b in (1, 2) and c in (1, 2)",
    },
    Pair {
        name: "what a constraint says besides its columns",
        from: "p table\np column a integer not null\np column b integer not null\np primary key (a, b)\n\
               c table\nc column id integer not null\nc column a integer null\nc column b integer null\n\
               c primary key (id)\nc unique (a) name uq-a\nc index ix (b)\n\
               c foreign key (a, b) -> p (a, b) name fk on delete set null",
        to: "p table\np column a integer not null\np column b integer not null\n\
             p primary key (a, b) deferrable initially deferred\n\
             c table\nc column id integer not null\nc column a integer null\nc column b integer null\n\
             c primary key (id) include (b)\nc unique (a) name uq-a include (b) deferrable\n\
             c index ix (b) with fillfactor '70'\n\
             d table\nd column a integer null\nd column b integer null\n\
             d unique (a) deferrable\nd foreign key (a, b) -> p2 (a, b) name fk2 on delete set null set (b) match full\n\
             p2 table\np2 column a integer not null\np2 column b integer not null\np2 primary key (a, b)",
        rows: &[
            "insert into p values (1, 1)",
            "insert into c values (1, 1, 1), (2, null, 2)",
        ],
        kept: "select count(*) from c",
    },
];

#[tokio::test]
async fn pairs_of_postgres_converge_and_reverse() {
    for pair in POSTGRES_PAIRS {
        if let Some(test) = support::postgres().await {
            holds(pair, &test).await;
        }
    }
}
