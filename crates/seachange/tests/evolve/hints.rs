//! What an entity says of its enum's older names, in its extras.

use seachange::diff::{Answers, diff};
use seachange::op::describe;
use seachange::schema::facts;

use super::{apply, schema};
use crate::support::{postgres, recorded};

mod task {
    use sea_orm::entity::prelude::*;
    use seachange::{Extras, TableExtras};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(
        rs_type = "String",
        db_type = "Enum",
        enum_name = "task_status",
        rename_all = "snake_case"
    )]
    pub enum Status {
        Open,
        Finished,
    }

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "tasks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub status: Status,
        pub before: Option<Status>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl TableExtras for Entity {
        fn extras(table: &mut Extras<Column>) {
            table.renamed_enum(Column::Status, "task_state");
            // One of the columns is enough, and a value may have been renamed more than once.
            table.renamed_enum_value(Column::Before, "done", "complete");
            table.renamed_enum_value(Column::Before, "complete", "finished");
            table.renamed_enum_value(Column::Status, "todo", "open");
        }
    }
}

#[tokio::test]
async fn an_enum_and_its_values_keep_their_rows_under_new_names() {
    let want = seachange::entities![task]
        .within(module_path!())
        .schema()
        .unwrap();
    let from = schema(
        "enum task_state: todo, done\ntasks table\ntasks column id integer not null\n\
         tasks column status enum task_state not null\n\
         tasks column before enum task_state null\ntasks primary key (id)",
    );
    let plan = diff(&from, &want, &Answers::default());
    assert_eq!(plan.questions, []);
    let words: Vec<String> = plan.ops.iter().flat_map(describe).collect();
    assert_eq!(
        words,
        [
            "~ enum task_state renamed to task_status",
            "~ value done of enum task_status renamed to finished",
            "~ value todo of enum task_status renamed to open",
        ]
    );
    // The hints are for this step: history does not keep them, and they stay quiet afterwards.
    let mut after = from.clone();
    for op in &plan.ops {
        seachange::op::apply(&mut after, op);
    }
    assert_eq!(facts(&after), facts(&want));
    assert!(diff(&after, &want, &Answers::default()).ops.is_empty());

    let Some(test) = postgres().await else { return };
    let create = diff(&Default::default(), &from, &Answers::default());
    apply(&test, &create.ops).await.unwrap();
    test.execute("insert into tasks values (1, 'todo', 'done'), (2, 'done', null)")
        .await;
    let rows = "select status::text || ' ' || coalesce(before::text, '') from tasks order by id";
    let ops: Vec<_> = plan.ops.iter().map(recorded).collect();
    apply(&test, &ops).await.unwrap();
    assert_eq!(test.strings(rows).await, ["open finished", "finished "]);
    let down: Vec<_> = plan.down(&from).iter().map(recorded).collect();
    apply(&test, &down).await.unwrap();
    assert_eq!(test.strings(rows).await, ["todo done", "done "]);
}
