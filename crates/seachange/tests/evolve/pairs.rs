//! The pairs.

use seachange::schema::Engine;

use super::Pair;

const STATUS: (&str, &[&str], &[&str]) = (
    "select cast(status as text) from tasks order by id",
    &["todo", "done"],
    &["todo", "done"],
);

const TWO: &[&str] = &["insert into tasks (id, status) values (1, 'todo'), (2, 'done')"];

pub const PAIRS: &[Pair] = &[
    Pair {
        name: "a value comes last",
        only: None,
        from: "enum st: todo, done\ntasks table\ntasks column id integer not null\n\
               tasks column status enum st not null\ntasks primary key (id)",
        to: "enum st: todo, done, late\ntasks table\ntasks column id integer not null\n\
             tasks column status enum st not null\ntasks primary key (id)",
        answers: &[],
        ops: &["+ value late of enum st"],
        rows: TWO,
        reads: STATUS,
    },
    Pair {
        name: "values come in front, between and behind",
        only: None,
        from: "enum st: todo, done\ntasks table\ntasks column id integer not null\n\
               tasks column status enum st not null\ntasks primary key (id)",
        to: "enum st: a, b, todo, c, done, d, e\ntasks table\ntasks column id integer not null\n\
             tasks column status enum st not null\ntasks primary key (id)",
        answers: &[],
        ops: &[
            "+ value a of enum st, before todo",
            "+ value b of enum st, after a",
            "+ value c of enum st, after todo",
            "+ value d of enum st",
            "+ value e of enum st",
        ],
        rows: TWO,
        reads: STATUS,
    },
    Pair {
        name: "a value comes, and is used at once",
        only: None,
        from: "enum st: todo, done\ntasks table\ntasks column id integer not null\n\
               tasks column status enum st not null default 'todo'\ntasks primary key (id)",
        to: "enum st: new, todo, done\ntasks table\ntasks column id integer not null\n\
             tasks column status enum st not null default 'new'\n\
             tasks column other enum st not null default 'new'\ntasks primary key (id)\n\
             tasks check ck-new 'status <> \\'new\\' or id > 0'\n\
             tasks index ix-new (id) where 'status = \\'new\\''",
        answers: &[],
        ops: &[
            "+ value new of enum st, before todo",
            "+ column tasks.other enum st not null default 'new'",
            "~ column tasks.status: default 'new'",
            "+ index ix-new on tasks (id) where status = 'new'",
            "+ check ck-new on tasks: status <> 'new' or id > 0",
        ],
        rows: TWO,
        reads: STATUS,
    },
    Pair {
        name: "a value goes, with a default, a check and indexes on the others",
        only: None,
        from: "enum st: todo, stuck, done\ntasks table\ntasks column id integer not null\n\
               tasks column status enum st not null default 'todo'\n\
               tasks column other enum st null\ntasks primary key (id)\n\
               tasks check ck 'status <> \\'done\\' or id > 0'\n\
               tasks check ck-both 'status <> other'\n\
               tasks unique (id, status) name uq\ntasks index ix-plain (status)\n\
               tasks index ix (id) where 'status = \\'done\\''",
        to: "enum st: todo, done\ntasks table\ntasks column id integer not null\n\
             tasks column status enum st not null default 'todo'\n\
             tasks column other enum st null\ntasks primary key (id)\n\
             tasks check ck 'status <> \\'done\\' or id > 0'\n\
             tasks check ck-both 'status <> other'\n\
             tasks unique (id, status) name uq\ntasks index ix-plain (status)\n\
             tasks index ix (id) where 'status = \\'done\\''",
        answers: &[],
        ops: &["- value stuck of enum st"],
        rows: TWO,
        reads: STATUS,
    },
    Pair {
        name: "the default's value goes",
        only: None,
        from: "enum st: old, todo, done\ntasks table\ntasks column id integer not null\n\
               tasks column status enum st not null default 'old'\ntasks primary key (id)\n\
               tasks check ck 'status <> \\'old\\''",
        to: "enum st: todo, done\ntasks table\ntasks column id integer not null\n\
             tasks column status enum st not null default 'todo'\ntasks primary key (id)",
        answers: &[],
        ops: &[
            "- check ck on tasks",
            "~ column tasks.status: default 'todo'",
            "- value old of enum st",
        ],
        rows: TWO,
        reads: STATUS,
    },
    Pair {
        name: "values change places",
        only: None,
        from: "enum st: todo, done, late\ntasks table\ntasks column id integer not null\n\
               tasks column status enum st not null default 'todo'\ntasks primary key (id)\n\
               tasks index ix (status)",
        to: "enum st: late, done, todo\ntasks table\ntasks column id integer not null\n\
             tasks column status enum st not null default 'todo'\ntasks primary key (id)\n\
             tasks index ix (status)",
        answers: &[],
        ops: &["~ order of enum st (late, done, todo)"],
        rows: TWO,
        reads: STATUS,
    },
    Pair {
        name: "a value gets another name, and all that names it follows",
        only: None,
        from: "enum st: todo, done\ntasks table\ntasks column id integer not null\n\
               tasks column status enum st not null default 'done'\ntasks primary key (id)\n\
               tasks check ck 'status <> \\'done\\' or id > 0'\n\
               tasks index ix (id) where 'status = \\'done\\''",
        to: "enum st: todo, finished\ntasks table\ntasks column id integer not null\n\
             tasks column status enum st not null default 'finished'\ntasks primary key (id)\n\
             tasks check ck 'status <> \\'finished\\' or id > 0'\n\
             tasks index ix (id) where 'status = \\'finished\\''",
        answers: &["value:st.done=finished"],
        ops: &[
            "- check ck on tasks",
            "- index ix on tasks",
            "~ value done of enum st renamed to finished",
            "+ index ix on tasks (id) where status = 'finished'",
            "+ check ck on tasks: status <> 'finished' or id > 0",
        ],
        rows: TWO,
        reads: (
            "select cast(status as text) from tasks order by id",
            &["todo", "done"],
            &["todo", "finished"],
        ),
    },
    Pair {
        name: "a value that the entity says was renamed, twice since",
        only: None,
        from: "enum st: todo, done\ntasks table\ntasks column id integer not null\n\
               tasks column status enum st not null\ntasks primary key (id)\n\
               more table\nmore column st enum st null",
        to: "enum st: todo, \"it's\", over\ntasks table\ntasks column id integer not null\n\
             tasks column status enum st not null\ntasks primary key (id)\n\
             more table\nmore column st enum st null\n\
             ! tasks status done finished\n! tasks status finished over",
        answers: &[],
        ops: &[
            "+ value it's of enum st, after todo",
            "~ value done of enum st renamed to over",
        ],
        rows: TWO,
        reads: (
            "select cast(status as text) from tasks order by id",
            &["todo", "done"],
            &["todo", "over"],
        ),
    },
    Pair {
        name: "everything about an enum at once",
        only: None,
        from: "enum st: a, b, todo, done, c\ntasks table\ntasks column id integer not null\n\
               tasks column status enum st not null default 'a'\ntasks primary key (id)",
        to: "enum st: done, y, todo, z, a\ntasks table\ntasks column id integer not null\n\
             tasks column status enum st not null default 'y'\ntasks primary key (id)",
        answers: &["value:st.b=y", "value:st.c"],
        ops: &[
            "+ value z of enum st, after todo",
            "~ value b of enum st renamed to y",
            "~ column tasks.status: default 'y'",
            "- value c of enum st",
            "~ order of enum st (done, y, todo, z, a)",
        ],
        rows: TWO,
        reads: STATUS,
    },
    Pair {
        name: "a type gets another name, with all its columns",
        only: None,
        from: "enum old: todo, done\ntasks table\ntasks column id integer not null\n\
               tasks column status enum old not null default 'todo'\ntasks primary key (id)\n\
               more table\nmore column st enum old null",
        to: "enum \"New One\": todo, done\ntasks table\ntasks column id integer not null\n\
             tasks column status enum \"New One\" not null default 'todo'\ntasks primary key (id)\n\
             more table\nmore column st enum \"New One\" null",
        answers: &[],
        ops: &["~ enum old renamed to New One"],
        rows: TWO,
        reads: STATUS,
    },
    Pair {
        name: "a type that the entity says was renamed also gets a value",
        only: None,
        from: "enum old: todo, done\ntasks table\ntasks column id integer not null\n\
               tasks column status enum old not null\ntasks primary key (id)",
        to: "enum st: todo, late, done\ntasks table\ntasks column id integer not null\n\
             tasks column status enum st not null\ntasks primary key (id)\n! tasks status old",
        answers: &[],
        ops: &[
            "~ enum old renamed to st",
            "+ value late of enum st, after todo",
        ],
        rows: TWO,
        reads: STATUS,
    },
    Pair {
        name: "a column goes from one type to another that stays",
        only: None,
        from: "enum a: todo, done\nenum b: done, late, todo\ntasks table\n\
               tasks column id integer not null\n\
               tasks column status enum a not null default 'todo'\n\
               tasks column b enum b null\ntasks primary key (id)",
        to: "enum b: done, late, todo\ntasks table\ntasks column id integer not null\n\
             tasks column status enum b not null default 'todo'\n\
             tasks column b enum b null\ntasks primary key (id)",
        answers: &[],
        ops: &[
            "~ column tasks.status: enum a -> enum b, default 'todo'",
            "- enum a",
        ],
        rows: TWO,
        reads: STATUS,
    },
    Pair {
        name: "text becomes an enum, with its default",
        only: None,
        from: "tasks table\ntasks column id integer not null\n\
               tasks column status text not null default 'todo'\ntasks primary key (id)",
        to: "enum Task_Status: todo, done\ntasks table\ntasks column id integer not null\n\
             tasks column status enum Task_Status not null default 'todo'\ntasks primary key (id)",
        answers: &[],
        ops: &[
            "+ enum Task_Status (todo, done)",
            "~ column tasks.status: text -> enum Task_Status, default 'todo'",
        ],
        rows: TWO,
        reads: STATUS,
    },
    Pair {
        name: "an enum becomes text, and the type goes",
        only: None,
        from: "enum st: todo, done\ntasks table\ntasks column id integer not null\n\
               tasks column status enum st not null default 'todo'\ntasks primary key (id)\n\
               tasks index ix (status)",
        to: "tasks table\ntasks column id integer not null\n\
             tasks column status string(20) not null default 'done'\ntasks primary key (id)\n\
             tasks index ix (status)",
        answers: &[],
        ops: &[
            "~ column tasks.status: enum st -> string(20), default 'done'",
            "- enum st",
        ],
        rows: TWO,
        reads: STATUS,
    },
    Pair {
        name: "arrays of an enum",
        only: Some(Engine::Postgres),
        from: "enum st: a, b, c\ntasks table\ntasks column id integer not null\n\
               tasks column tags enum st[] not null default expr '\\'{a}\\'::st[]'\n\
               tasks column words text[] null\ntasks column gone enum st[] null\n\
               tasks primary key (id)\ntasks check ck 'cardinality(tags) < 5'",
        to: "enum st: c, a, d\ntasks table\ntasks column id integer not null\n\
             tasks column tags enum st[] not null default expr '\\'{a}\\'::st[]'\n\
             tasks column words enum st[] null\ntasks column gone text[] null\n\
             tasks primary key (id)\ntasks check ck 'cardinality(tags) < 5'",
        answers: &["value:st.b"],
        ops: &[
            "+ value d of enum st, after a",
            "~ column tasks.words: text[] -> enum st[]",
            "~ column tasks.gone: enum st[] -> text[]",
            "- value b of enum st",
            "~ order of enum st (c, a, d)",
        ],
        rows: &["insert into tasks (id, tags, words, gone) values (1, '{a,c}', '{a}', '{c}')"],
        reads: (
            "select tags::text || words::text || gone::text from tasks",
            &["{a,c}{a}{c}"],
            &["{a,c}{a}{c}"],
        ),
    },
    Pair {
        name: "an enum of another schema, in columns of two",
        only: Some(Engine::Postgres),
        from: "enum s.\"My Mood\": a, b, c\nt table\nt column id integer not null\n\
               t column m enum s.\"My Mood\" not null default 'a'\nt primary key (id)",
        to: "enum s.\"My Mood\": c, a, \"it's\"\nt table\nt column id integer not null\n\
             t column m enum s.\"My Mood\" not null default 'c'\nt primary key (id)",
        answers: &["value:s.My Mood.b=it's"],
        ops: &[
            "~ value b of enum s.My Mood renamed to it's",
            "~ column t.m: default 'c'",
            "~ order of enum s.My Mood (c, a, it's)",
        ],
        rows: &["insert into t values (1, 'a'), (2, 'b')"],
        reads: (
            "select m::text from t order by id",
            &["a", "b"],
            &["a", "it's"],
        ),
    },
    Pair {
        name: "keys between columns of an enum",
        only: None,
        from: "enum st: a, b, c\np table\np column s enum st not null\np primary key (s)\n\
               c table\nc column s enum st null\nc foreign key (s) -> p (s) name fk on delete cascade",
        to: "enum st: b, a\np table\np column s enum st not null\np primary key (s)\n\
             c table\nc column s enum st null\nc foreign key (s) -> p (s) name fk on delete cascade",
        answers: &[],
        ops: &["- value c of enum st", "~ order of enum st (b, a)"],
        rows: &[
            "insert into p values ('a'), ('b')",
            "insert into c values ('a')",
        ],
        reads: ("select cast(s as text) from c", &["a"], &["a"]),
    },
    Pair {
        name: "the first column of an enum, and the last of another",
        only: None,
        from: "enum old: x\ntasks table\ntasks column id integer not null\n\
               tasks column o enum old null\ntasks primary key (id)",
        to: "enum new: y\ntasks table\ntasks column id integer not null\n\
             tasks column n enum new not null default 'y'\ntasks primary key (id)\n\
             two table\ntwo column n enum new not null",
        answers: &[],
        ops: &[
            "+ enum new (y)",
            "+ table two (n)",
            "+ column tasks.n enum new not null default 'y'",
            "- column tasks.o",
            "- enum old",
        ],
        rows: &["insert into tasks (id) values (1)"],
        reads: ("select cast(id as text) from tasks", &["1"], &["1"]),
    },
    Pair {
        name: "indexes and constraints get other names",
        only: None,
        from: "p table\np column id integer not null\np primary key (id)\n\
               t table\nt column id integer not null\nt column a integer null\n\
               t column b text null\nt primary key (id, b) name pk-old\n\
               t unique (a) name uq-old\nt unique (b) name uq-named\nt unique (a, b)\n\
               t foreign key (a) -> p (id) name fk-old\nt check ck-old 'a > 0'\n\
               t index SomeIx (a)\nt index ix-1 (b) where 'a > 1'\nt index ux (a, id) unique",
        to: "p table\np column id integer not null\np primary key (id)\n\
             t table\nt column id integer not null\nt column a integer null\n\
             t column b text null\nt primary key (id, b) name pk-new\n\
             t unique (a) name uq-new\nt unique (b)\nt unique (a, b) name \"uq o'\\\"x\"\n\
             t foreign key (a) -> p (id) name fk-new\nt check ck-new 'a > 0'\n\
             t index someix (a)\nt index ix-2 (b) where 'a > 1'\nt index \"u x\" (a, id) unique",
        answers: &[],
        ops: &[
            "~ primary key pk-old on t renamed to pk-new",
            "~ index SomeIx on t renamed to someix",
            "~ index ix-1 on t renamed to ix-2",
            "~ index ux on t renamed to u x",
            "~ unique uq-old on t renamed to uq-new",
            "~ unique uq-named on t named by the engine",
            "~ unique on t (a, b) renamed to uq o'\"x",
            "~ foreign key fk-old on t renamed to fk-new",
            "~ check ck-old on t renamed to ck-new",
        ],
        rows: &[
            "insert into p values (1)",
            "insert into t values (1, 1, 'x'), (2, null, 'y')",
        ],
        reads: ("select b from t order by id", &["x", "y"], &["x", "y"]),
    },
    Pair {
        name: "names that change places",
        only: None,
        from: "t table\nt column a integer null\nt column b integer null\nt column c integer null\n\
               t index i1 (a)\nt index i2 (b)\nt index i3 (c)\nt index i5 (a, b)\n\
               t check k1 'a > 0'\nt check k2 'b > 0'",
        to: "t table\nt column a integer null\nt column b integer null\nt column c integer null\n\
             t index i2 (a)\nt index i1 (b)\nt index i4 (c)\nt index i3 (a, b)\n\
             t check k2 'a > 0'\nt check k1 'b > 0'",
        answers: &[],
        ops: &[
            "~ index i3 on t renamed to i4",
            "~ index i5 on t renamed to i3",
            "- check k2 on t",
            "- check k1 on t",
            "- index i1 on t",
            "- index i2 on t",
            "+ index i2 on t (a)",
            "+ index i1 on t (b)",
            "+ check k2 on t: a > 0",
            "+ check k1 on t: b > 0",
        ],
        rows: &["insert into t values (1, 1, 1)"],
        reads: ("select cast(a as text) from t", &["1"], &["1"]),
    },
    Pair {
        name: "tables and columns whose names differ in case",
        only: None,
        from: "Tasks table\nTasks column id integer not null auto_increment\n\
               Tasks column Title text not null\nTasks primary key (id)\n\
               Tasks index Ix (Title)\nTasks unique (Title) name Uq\n\
               c table\nc column t integer null\nc foreign key (t) -> Tasks (id) name fk",
        to: "tasks table\ntasks column id integer not null auto_increment\n\
             tasks column title text not null\ntasks primary key (id)\n\
             tasks index ix (title)\ntasks unique (title) name uq\n\
             c table\nc column t integer null\nc foreign key (t) -> tasks (id) name fk",
        answers: &[],
        ops: &[
            "~ table Tasks renamed to tasks",
            "~ column tasks.Title renamed to title",
            "~ index Ix on tasks renamed to ix",
            "~ unique Uq on tasks renamed to uq",
        ],
        rows: &[
            "insert into \"Tasks\" (\"Title\") values ('a')",
            "insert into c values (1)",
        ],
        reads: ("select cast(t as text) from c", &["1"], &["1"]),
    },
    Pair {
        name: "what is named after a table follows it, and so what is named after a column",
        only: None,
        from: "old table\nold column id integer not null auto_increment\nold column Up integer null\n\
               old column up_id integer null\nold column n small_integer not null\n\
               old primary key (id)\nold unique (Up)\nold unique (up_id, Up)\n\
               old foreign key (up_id) -> old (id)\nold check 'n > 0'\nold index idx-old-n (n)\n\
               old unique (n) name old_kept",
        to: "\"new one\" table\n\"new one\" column id integer not null auto_increment\n\
             \"new one\" column parent integer null\n\"new one\" column up_id integer null\n\
             \"new one\" column n small_integer not null\n\"new one\" primary key (id)\n\
             \"new one\" unique (parent)\n\"new one\" unique (up_id, parent)\n\
             \"new one\" foreign key (up_id) -> \"new one\" (id)\n\"new one\" check 'n > 0'\n\
             \"new one\" index idx-new-n (n)\n\"new one\" unique (n) name old_kept",
        answers: &["table:old=new one", "column:new one.Up=parent"],
        ops: &[
            "~ table old renamed to new one",
            "~ column new one.Up renamed to parent",
            "~ index idx-old-n on new one renamed to idx-new-n",
        ],
        rows: &[],
        reads: ("select '1'", &["1"], &["1"]),
    },
];
