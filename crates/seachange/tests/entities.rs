//! What entities declare, read and written as facts.

mod by_hand;
mod fixtures;
mod formats;
mod rows;

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use seachange::schema::{Schema, facts, from_facts};
use seachange::source::entities::{EntityError, Site};
use seachange::{Metadata, Sequence};

use fixtures::{attributes, exotic, expanded, extras, relations, unlisted, wrong};

/// The declared schema as a snapshot file holds it, which must be able to hold all of it.
fn declared(metadata: Metadata) -> String {
    let mut schema = declared_schema(metadata);
    let lines: Vec<String> = facts(&schema).iter().map(ToString::to_string).collect();
    let text = lines.join("\n");
    for table in schema.tables.values_mut() {
        table.renamed_from = None;
        for column in &mut table.columns {
            column.renamed_from = None;
        }
    }
    let read = from_facts(&text, 1).unwrap();
    let again: Vec<String> = facts(&read).iter().map(ToString::to_string).collect();
    assert_eq!(again, lines);
    text
}

/// Only what is listed, though more is compiled.
fn declared_schema(metadata: Metadata) -> Schema {
    metadata
        .within(module_path!())
        .except(module_path!())
        .schema()
        .unwrap()
}

fn error(metadata: Metadata) -> String {
    metadata
        .within(module_path!())
        .except(module_path!())
        .schema()
        .unwrap_err()
        .to_string()
}

#[test]
fn every_attribute_of_a_field() {
    let metadata = seachange::entities![attributes::everything];
    assert_snapshot!(declared(metadata), @r#"
    everything table comment 'One of each'
    everything column id big_integer not null auto_increment
    everything column plain string not null
    everything column forty string(40) not null
    everything column text text null
    everything column optional small_integer null
    everything column DbName integer not null
    everything column renamed integer not null
    everything column i8 tiny_integer not null
    everything column type string not null
    everything column custom custom 'citext' not null
    everything column email string not null
    everything column both string not null
    everything column looked_up integer not null
    everything column second integer not null
    everything column first integer not null
    everything column alone integer not null
    everything column a_string string not null default 'it\'s'
    everything column a_number integer not null default 7
    everything column below_zero integer not null default -7
    everything column a_float double not null default 1.5
    everything column a_bool boolean not null default true
    everything column a_decimal decimal(10, 2) not null default '0.00'
    everything column computed_decimal decimal not null default 1.25
    everything column now timestamp_with_time_zone not null default current_timestamp
    everything column uuid uuid not null default expr 'gen_random_uuid()'
    everything column sum integer not null default expr '3 + 4'
    everything column nan double not null default NaN
    everything column commented integer not null comment 'Says \'it\''
    everything column extra string not null collation C
    everything primary key (id)
    everything unique (both)
    everything unique (email)
    everything index idx-everything-alone (alone) unique
    everything index idx-everything-looked_up (looked_up)
    everything index idx-everything-pair (second, first) unique
    everything check 'length(extra) > 1'
    "#);
}

#[test]
fn renamed_from_is_told_from_the_comment() {
    assert_snapshot!(declared(seachange::entities![attributes::renamed]), @r#"
    renamed table
    renamed column theKey string not null
    renamed column bare integer not null
    renamed column withComment integer not null comment 'A comment'
    renamed column nastyComment integer not null comment 'was; renamed_from "older"'
    renamed column onlyAComment integer not null comment 'renamed_from "nothing"'
    renamed column onlyACommentAgain integer not null comment 'x; renamed_from "nothing"'
    renamed column nastyName integer not null
    renamed column emptyComment double not null default NaN comment ''
    renamed primary key (theKey)
    "#);
    let schema = declared_schema(seachange::entities![attributes::renamed]);
    let old: Vec<String> = schema
        .table(&"renamed".into())
        .unwrap()
        .columns
        .iter()
        .map(|column| format!("{} {:?}", column.name, column.renamed_from))
        .collect();
    assert_snapshot!(old.join("\n"), @r#"
    theKey None
    bare Some("old")
    withComment Some("old")
    nastyComment Some("old")
    onlyAComment None
    onlyACommentAgain None
    nastyName Some("x\"; renamed_from \"y")
    emptyComment Some("old")
    "#);
}

#[test]
fn types_that_no_engine_renders() {
    let metadata = seachange::entities![exotic::types, exotic::uuid_key, exotic::flagged_elsewhere];
    assert_snapshot!(declared(metadata), @r#"
    enum mood: "it's fine", bad
    flagged_elsewhere table
    flagged_elsewhere column id integer not null
    flagged_elsewhere column number integer not null
    flagged_elsewhere primary key (id)
    types table
    types column id big_unsigned not null auto_increment
    types column mood enum mood not null default 'bad'
    types column moods enum mood[] not null
    types column maybe enum mood null
    types column level small_integer not null
    types column words string[] not null
    types column span interval not null
    types column host inet not null
    types column year year not null
    types column bits bit(3) not null
    types column price decimal(16, 4) not null
    types column small tiny_unsigned not null
    types column medium small_unsigned not null
    types column large unsigned not null
    types column bytes var_binary not null
    types column date date not null
    types column time time not null
    types column local date_time not null
    types column utc timestamp_with_time_zone not null
    types column json json not null
    types column jsonb json_binary not null
    types primary key (id)
    uuid_key table
    uuid_key column id uuid not null
    uuid_key primary key (id)
    "#);
}

#[test]
fn relations_become_foreign_keys() {
    let metadata = seachange::entities![
        relations::parent,
        relations::child,
        relations::tag,
        relations::tag_use,
    ];
    assert_snapshot!(declared(metadata), @r#"
    child table
    child column id integer not null auto_increment
    child column parent_b integer not null
    child column parent_a string not null
    child column elder_id integer null
    child column tag_id integer not null
    child column other_id integer not null
    child primary key (id)
    child foreign key (elder_id) -> child (id) name child_elder on delete set null
    child foreign key (parent_b, parent_a) -> sys.parent (b, a) name fk-child-parent_b-parent_a on delete cascade on update restrict
    child foreign key (tag_id) -> tag (id) name fk-child-tag_id on delete set default
    tag table
    tag column id integer not null auto_increment
    tag column broader_id integer null
    tag primary key (id)
    tag foreign key (broader_id) -> tag (id) name fk-tag-broader_id
    tag_use table
    tag_use column id integer not null auto_increment
    tag_use column tag_id integer not null
    tag_use column unkept_id integer null
    tag_use primary key (id)
    tag_use foreign key (tag_id) -> tag (id) name fk-tag_use-tag_id on delete cascade
    sys.parent table
    sys.parent column b integer not null
    sys.parent column a string not null
    sys.parent primary key (b, a) name pk-parent
    "#);
}

#[test]
fn the_expanded_format() {
    assert_snapshot!(declared(seachange::entities![expanded::cake]), @r#"
    bakery.cake table comment 'Sweet'
    bakery.cake column id integer not null auto_increment
    bakery.cake column cake_name string(9) null
    bakery.cake column price big_integer not null default 1
    bakery.cake primary key (id)
    bakery.cake index idx-cake-cake_name (cake_name)
    "#);
}

#[test]
fn extras_are_found_where_they_are() {
    assert_snapshot!(declared(seachange::entities![extras::with, extras::without]), @r#"
    with_extras table comment 'About the table'
    with_extras column id integer not null auto_increment
    with_extras column name string not null comment 'About the column'
    with_extras column status string not null collation de-x-icu
    with_extras column amount integer not null
    with_extras column doubled integer not null generated stored '"amount" * 2'
    with_extras column tripled integer not null generated virtual 'amount * 3'
    with_extras column without_id integer not null
    with_extras primary key (id)
    with_extras unique (name, status) name uq_name
    with_extras unique (status) name uq_status nulls not distinct
    with_extras index idx-with_extras-amount (amount nulls first) unique nulls not distinct
    with_extras index idx-with_extras-lower_name ('LOWER("name")')
    with_extras index idx-with_extras-name-amount (name collation C, amount desc nulls last) include (status) where '"status" <> \'"with_extras".it\'\'s\''
    with_extras index idx-with_extras-status-amount (status, amount)
    with_extras index ix_search (status opclass gin_trgm_ops, 'LOWER("name")' opclass gin_trgm_ops) using gin
    with_extras foreign key (without_id) -> without_extras (id) name fk_without deferrable initially deferred
    with_extras check ck_amount '"amount" BETWEEN 0 AND 5'
    with_extras check ck_like '"name" ILIKE \'a%\''
    with_extras check ck_same '"amount" > "id"'
    without_extras table
    without_extras column id integer not null auto_increment
    without_extras primary key (id)
    "#);
    let schema = declared_schema(seachange::entities![extras::with]);
    let table = schema.table(&"with_extras".into()).unwrap();
    assert_eq!(table.renamed_from, Some("formerly".into()));
}

#[test]
fn an_entity_that_is_not_listed() {
    let metadata = unlisted::metadata();
    assert_eq!(metadata.count(), 2);
    let EntityError::Unlisted(found) = metadata.clone().schema().unwrap_err() else {
        panic!("another error");
    };
    assert_eq!(found.modules.len(), 2);
    assert_snapshot!(shown(found), @r#"
    seachange::entities::fixtures::unlisted::label, seachange::entities::fixtures::unlisted::nested::note are derived but not listed, so they would be ignored
      entity/src/lib.rs:14   seachange::entities![comment, label, nested::note, project]
                                                           ^^^^^  ^^^^^^^^^^^^ add
    "#);

    // Two words of many: only their neighbours are shown.
    let within = format!("{}::fixtures::unlisted", module_path!());
    let metadata = metadata.except(format!("{within}::nested"));
    let EntityError::Unlisted(mut found) = metadata.clone().schema().unwrap_err() else {
        panic!("another error");
    };
    let word = |word: &str| (word.to_owned(), false);
    found.words = ('b'..='y')
        .map(|c| word(&c.to_string().repeat(4)))
        .collect();
    found.words[0].1 = true;
    found.words[12].1 = true;
    assert_snapshot!(shown(found), @r#"
    seachange::entities::fixtures::unlisted::label is derived but not listed, so it would be ignored
      entity/src/lib.rs:14   seachange::entities![bbbb, cccc, …, mmmm, nnnn, oooo, …]
                                                  ^^^^                 ^^^^ add
    "#);

    metadata
        .except(format!("{within}::label"))
        .schema()
        .unwrap();
}

/// The message with a line number that does not depend on this file.
fn shown(mut found: seachange::source::entities::Unlisted) -> String {
    assert!(found.line > 0);
    found.line = 14;
    found.file = "entity/src/lib.rs".to_owned();
    let found = EntityError::Unlisted(found).to_string();
    assert!(
        found
            .lines()
            .skip(1)
            .all(|line| line.chars().count() <= 100)
    );
    found
}

#[test]
fn contradictions_are_named() {
    let errors = [
        error(seachange::entities![wrong::table, wrong::same_table]),
        error(seachange::entities![wrong::same_column]),
        error(seachange::entities![wrong::same_index]),
        error(seachange::entities![wrong::index_a, wrong::index_b]),
        error(seachange::entities![wrong::same_constraint]),
        error(seachange::entities![wrong::enum_a, wrong::enum_b]),
        error(seachange::entities![wrong::twice]),
        error(seachange::entities![wrong::no_key]),
        error(
            seachange::entities![wrong::table]
                .sequence(Sequence::new("a"))
                .sequence(Sequence::new("a")),
        ),
        error(seachange::entities![wrong::table].sequence(Sequence::new("wrong"))),
    ];
    assert_snapshot!(errors.join("\n"), @r#"
    `seachange::entities::fixtures::wrong::table` and `seachange::entities::fixtures::wrong::same_table` both declare table `wrong`; take one of them out of `entities!`
    `seachange::entities::fixtures::wrong::same_column`: two fields are column `one`; give one of them another `column_name`
    `seachange::entities::fixtures::wrong::same_index`: two indexes are called `idx-same_index-one`; name one of them in `TableExtras`, with `.name(…)`
    tables `index_a` and `index_b` both have an index `ix_one`; give one of them another name
    `seachange::entities::fixtures::wrong::same_constraint`: two constraints are called `c`; name one of them in `TableExtras`, a foreign key with `.foreign_key([…]).name(…)`
    enum `mood` is (good, bad) in `seachange::entities::fixtures::wrong::enum_a.mood` and (good) in `seachange::entities::fixtures::wrong::enum_b.mood`; use one Rust enum for both, or another `enum_name`
    `seachange::entities::fixtures::wrong::twice`: the relation from (table_id) is declared twice, with other actions; say `skip_fk` on one of them
    `seachange::entities::fixtures::wrong::no_key`: `TableExtras` changes the foreign key on (one), but no relation makes one; declare a `belongs_to` from these columns, without `skip_fk`
    sequence `a` is declared beside a sequence of that name; rename one of them
    sequence `wrong` is declared beside a table of that name; rename one of them
    "#);
}

const ENTITY: &str =
    "#[derive(Clone, DeriveEntityModel)] #[sea_orm(table_name = \"t\")] pub struct Model {}";

/// What is said of a package `entity` with these files, whose list stands in the first one.
fn sources(files: &[(&str, &str)]) -> Result<(), String> {
    let workspace = tempfile::tempdir().unwrap();
    let package = workspace.path().join("entity");
    for (path, text) in files {
        let path = package.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    check(&package, &format!("entity/{}", files[0].0))
}

fn check(package: &Path, list: &str) -> Result<(), String> {
    let site = Site {
        package: package.to_str().unwrap().to_owned().leak(),
        module: "entity",
        file: list.to_owned().leak(),
        line: 1,
    };
    let metadata = Metadata::new(site, Vec::new());
    metadata.check_sources().map_err(|error| error.to_string())
}

#[test]
fn a_file_that_no_mod_reaches() {
    let lib = ("src/lib.rs", "pub mod tag;");
    let tag = ("src/tag.rs", ENTITY);
    assert_snapshot!(sources(&[lib, tag, ("src/label.rs", ENTITY)]).unwrap_err(), @r#"
    entity/src/label.rs defines an entity, but no `mod label;` reaches it, so it is not compiled
      add to entity/src/lib.rs:   pub mod label;
    "#);
    assert_snapshot!(
        sources(&[lib, tag, ("src/tag/color.rs", "#[sea_orm::model]\npub struct Model {}")])
            .unwrap_err(),
        @r#"
    entity/src/tag/color.rs defines an entity, but no `mod color;` reaches it, so it is not compiled
      add to entity/src/tag.rs:   pub mod color;
    "#
    );
    assert_snapshot!(
        sources(&[
            ("src/entities/mod.rs", ""),
            ("src/main.rs", "mod entities;"),
            ("src/entities/user/mod.rs", "mod inside { #[derive(sea_orm::DeriveEntity)] struct Entity; }"),
        ])
        .unwrap_err(),
        @r#"
    entity/src/entities/user/mod.rs defines an entity, but no `mod user;` reaches it, so it is not compiled
      add to entity/src/entities/mod.rs:   pub mod user;
    "#
    );
}

#[test]
fn files_that_are_reached_in_some_way() {
    let root = "
        #[path = \"elsewhere/named.rs\"] mod renamed;
        #[cfg_attr(unix, path = \"by_condition.rs\")] mod conditional;
        mod inline { mod inner; #[path = \"odd.rs\"] mod x; }
        #[cfg(feature = \"never\")] mod left_out;
        cfg_if! { if #[cfg(unix)] { pub mod in_macro; } }
        include!(\"included.rs\");
        mod r#type;
        mod outer;
    ";
    let files = [
        ("src/lib.rs", root),
        ("src/elsewhere/named.rs", "mod beside;"),
        ("src/elsewhere/beside.rs", ENTITY),
        ("src/by_condition.rs", ENTITY),
        ("src/inline/inner.rs", ENTITY),
        ("src/inline/odd.rs", ENTITY),
        ("src/left_out.rs", ENTITY),
        ("src/in_macro.rs", ENTITY),
        ("src/included.rs", ENTITY),
        ("src/type.rs", ENTITY),
        ("src/outer.rs", "mod deep { mod deeper; }"),
        ("src/outer/deep/deeper.rs", ENTITY),
        (
            "src/bin/tool.rs",
            "#[path = \"../of_tool.rs\"] mod of_tool;",
        ),
        ("src/of_tool.rs", ENTITY),
        (
            "src/no_entity.rs",
            "// DeriveEntityModel\npub struct Model;",
        ),
        ("src/broken.rs", "this is no Rust"),
    ];
    assert_eq!(sources(&files), Ok(()));
}

#[test]
fn sources_that_cannot_be_judged() {
    // An image: no sources.
    assert_eq!(
        check(Path::new("/nowhere/entity"), "entity/src/lib.rs"),
        Ok(())
    );
    // A crate root that Cargo.toml names, and one that nothing names.
    let list = ("code/root.rs", "mod tag;");
    let stray = ("src/label.rs", ENTITY);
    let manifest = ("Cargo.toml", "[lib]\npath = \"code/root.rs\"");
    assert!(sources(&[list, stray, manifest]).is_err());
    assert_eq!(sources(&[list, stray]), Ok(()));
    // This list stands in a test, which is no part of the library.
    assert_eq!(seachange::entities![].check_sources(), Ok(()));
}
