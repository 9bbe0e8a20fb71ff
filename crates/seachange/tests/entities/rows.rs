//! All that an entity can say, a line each: it is read in each of SeaORM's formats, made on each
//! engine, and found again.

use seachange::Metadata;
use seachange::diff::{Answers, diff};
use seachange::op::Op;
use seachange::run;
use seachange::schema::{Engine, Schema, facts};

use super::formats::{compact, dense, kinds};
use super::{by_hand as expanded, declared_schema};
use crate::extras::differences;
use crate::support::{engines, recorded};

/// What can be said, and the facts that come of it. `$` is the format's name.
const ROWS: &[(&str, &[&str])] = &[
    ("table_name", &["$_authors table"]),
    ("schema_name", &["sys.$_shelves table"]),
    (
        "comment of a table",
        &["$_books table comment 'It\\'s read'"],
    ),
    ("rename_all", &["$_books column subTitle string null"]),
    (
        "primary_key",
        &[
            "$_books column id integer not null auto_increment",
            "$_books primary key (id)",
        ],
    ),
    (
        "primary_key of several columns, in the order of the fields",
        &["$_authors primary key (number, country) name pk-$_authors"],
    ),
    (
        "auto_increment = false",
        &[
            "$_authors column number integer not null",
            "sys.$_shelves column id uuid not null",
        ],
    ),
    (
        "column_type",
        &["$_books column price decimal(10, 2) not null default '0.00'"],
    ),
    (
        "column_type = custom",
        &["sys.$_shelves column span custom 'int4range' not null"],
    ),
    (
        "column_name",
        &["$_books column \"Read By\" big_integer not null"],
    ),
    ("nullable", &["$_books column blurb text null"]),
    (
        "a word of Rust's, or a line behind it",
        &[
            "$_books column type small_integer not null",
            "$_books column edition small_integer not null",
        ],
    ),
    (
        "unique",
        &[
            "$_books column title string(40) not null",
            "$_books unique (title)",
        ],
    ),
    ("unique and indexed", &["$_books unique (slug)"]),
    (
        "indexed",
        &["$_books index idx-$_books-boughtAt (boughtAt)"],
    ),
    (
        "unique_key",
        &["$_books index idx-$_books-place (shelfRow, spot) unique"],
    ),
    (
        "unique_key of one",
        &["$_books index idx-$_books-alone (barcode) unique"],
    ),
    (
        "default_value",
        &[
            "$_books column word string not null default 'it\\'s'",
            "$_books column number integer not null default -7",
            "$_books column ratio double not null default 1.5",
            "$_books column lent boolean not null default true",
        ],
    ),
    (
        "default_expr",
        &[
            "$_books column added timestamp_with_time_zone not null default current_timestamp",
            "$_books column sum integer not null default expr '3 + 4'",
            "sys.$_shelves column tag uuid not null default expr 'gen_random_uuid()'",
        ],
    ),
    (
        "comment of a column",
        &["$_books column pages integer not null comment 'Of paper; with \"covers\"'"],
    ),
    (
        "extra: a check",
        &["$_books check 'length(\"initials\") < 4'"],
    ),
    (
        "extra: a generated column",
        &["$_books column nextRow integer not null generated stored '\"shelfRow\" + 1'"],
    ),
    (
        "extra: a collation",
        &["sys.$_shelves column label string not null collation C"],
    ),
    (
        "renamed_from",
        &[
            "$_books column leaves integer not null comment 'Were sheets'",
            "$_books column leaves was sheets",
        ],
    ),
    (
        "select_as, save_as",
        &["$_books column cast string not null"],
    ),
    (
        "from, to, on_update, on_delete",
        &[
            "$_books foreign key (authorNumber, authorCountry) -> $_authors (number, country) \
         name fk-$_books-authorNumber-authorCountry on delete cascade on update restrict",
        ],
    ),
    (
        "a relation across schemas",
        &["sys.$_shelves foreign key (book_id) -> $_books (id) name fk-$_shelves-book_id"],
    ),
    (
        "an enum, and its variants",
        &[
            "enum Genre: sci-fi, \"who's there?\", YOUNG_READERS",
            "$_books column genre enum Genre not null default 'sci-fi'",
            "sys.$_shelves column genre enum Genre not null",
        ],
    ),
    (
        "an array of enums",
        &["sys.$_shelves column genres enum Genre[] not null"],
    ),
    (
        "an enum that is a string",
        &["$_books column size string(1) not null"],
    ),
    (
        "an enum that is a number",
        &["$_books column stars integer null"],
    ),
    (
        "a type of one's own",
        &["$_books column isbn string not null"],
    ),
    ("Vec, Option", &["sys.$_shelves column words string[] null"]),
    (
        "ignore, skip_fk, has_one, has_many: no more than the columns that are there",
        &[
            "$_authors column country string not null",
            "$_books column slug string not null",
            "$_books column boughtAt timestamp_with_time_zone not null",
            "$_books column shelfRow integer not null",
            "$_books column spot integer not null",
            "$_books column barcode big_integer not null",
            "$_books column initials string not null",
            "$_books column authorNumber integer not null",
            "$_books column authorCountry string not null",
            "$_books column sequelOf integer null",
            "$_books column copyOf integer not null",
            "sys.$_shelves column book_id integer not null",
            "sys.$_shelves unique (book_id)",
            "sys.$_shelves primary key (id)",
            "sys.$_shelves index idx-$_shelves-genre (genre)",
        ],
    ),
];

/// What only some formats say: SeaORM has no `fk_name` in the dense one, and there `enum_name` is
/// what is renamed.
const PARTLY: &[(&str, &[&str], &str)] = &[
    (
        "self_ref",
        &["dense"],
        "$_books foreign key (sequelOf) -> $_books (id) name fk-$_books-sequelOf on delete set null",
    ),
    (
        "fk_name, and a second relation for joins",
        &["compact", "expanded"],
        "$_books foreign key (sequelOf) -> $_books (id) name \"sequel of\" on delete set null",
    ),
    (
        "enum_name",
        &["dense", "compact"],
        "$_books column grams double not null",
    ),
    (
        "a variant",
        &["expanded"],
        "$_books column weight double not null",
    ),
];

/// The types of fields.
const KINDS: &[&str] = &[
    "id unsigned not null auto_increment",
    "a_i8 tiny_integer not null",
    "a_i16 small_integer not null",
    "a_i32 integer not null",
    "a_i64 big_integer not null",
    "a_u8 tiny_unsigned not null",
    "a_u16 small_unsigned not null",
    "a_u32 unsigned not null",
    "a_u64 big_unsigned not null",
    "a_f32 float not null",
    "a_f64 double not null",
    "a_bool boolean not null",
    "a_string string not null",
    "bytes var_binary not null",
    "date date not null",
    "time time not null",
    "date_time date_time not null",
    "utc timestamp_with_time_zone not null",
    "local timestamp_with_time_zone not null",
    "zoned timestamp_with_time_zone not null",
    "time_date date not null",
    "time_time time not null",
    "time_date_time date_time not null",
    "time_zoned timestamp_with_time_zone not null",
    "decimal decimal not null",
    "uuid uuid not null",
    "json json not null",
    "json_binary json_binary not null",
    "stamp timestamp not null",
    "two char(2) not null",
    "binary binary(16) not null",
    "short_bytes var_binary(8) not null",
    "blob blob not null",
    "money money not null",
];

fn formats() -> [(&'static str, Metadata); 3] {
    [
        (
            "dense",
            seachange::entities![dense::author, dense::book, dense::shelf],
        ),
        (
            "compact",
            seachange::entities![compact::author, compact::book, compact::shelf],
        ),
        (
            "expanded",
            seachange::entities![expanded::author, expanded::book, expanded::shelf],
        ),
    ]
}

/// The facts of a schema, and what its columns were called.
fn lines(schema: &Schema) -> Vec<String> {
    let mut lines: Vec<String> = facts(schema).iter().map(ToString::to_string).collect();
    for table in schema.tables.values() {
        lines.extend(table.columns.iter().filter_map(|column| {
            let old = column.renamed_from.as_ref()?;
            Some(format!("{} column {} was {old}", table.name, column.name))
        }));
    }
    lines
}

#[test]
fn each_thing_is_read_in_each_format() {
    let mut wrong = Vec::new();
    for (format, metadata) in formats() {
        let read = lines(&declared_schema(metadata));
        let partly = PARTLY
            .iter()
            .filter(|(_, formats, _)| formats.contains(&format));
        let rows = ROWS
            .iter()
            .flat_map(|(says, facts)| facts.iter().map(move |fact| (*says, *fact)))
            .chain(partly.map(|(says, _, fact)| (*says, *fact)));
        let rows: Vec<_> = rows
            .map(|(says, fact)| (says, fact.replace('$', format)))
            .collect();
        let missed = rows.iter().filter(|(_, fact)| !read.contains(fact));
        wrong.extend(missed.map(|(says, fact)| format!("{format}: {says}: no `{fact}`")));
        let invented = read
            .iter()
            .filter(|line| rows.iter().all(|(_, fact)| fact != *line));
        wrong.extend(invented.map(|line| format!("{format}: also `{line}`")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_type_of_a_field_is_read() {
    let read = lines(&declared_schema(seachange::entities![kinds]));
    let columns: Vec<&str> = read
        .iter()
        .filter_map(|line| line.strip_prefix("kinds column "))
        .collect();
    assert_eq!(columns, KINDS);
}

#[tokio::test]
async fn each_thing_is_made_and_found_again() {
    for test in engines().await {
        let engine = test.engine();
        let kinds = ("kinds", seachange::entities![kinds]);
        for (format, metadata) in formats().into_iter().chain([kinds]) {
            let mut declared = declared_schema(metadata);
            if engine == Engine::Sqlite {
                declared.tables.retain(|name, _| name.schema.is_none());
            }
            let plan = diff(&Schema::default(), &declared, &Answers::default());
            let up: Vec<Op> = plan.ops.iter().map(recorded).collect();
            run::apply(test.db(), &up).await.unwrap();
            let (differs, _) = differences(&test, &declared).await;
            assert_eq!(differs, [""; 0], "{format} on {engine}");
            let down: Vec<Op> = plan.down(&Schema::default()).iter().map(recorded).collect();
            run::apply(test.db(), &down).await.unwrap();
        }
    }
}
