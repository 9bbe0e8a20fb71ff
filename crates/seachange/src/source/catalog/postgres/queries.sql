-- What PostgreSQL's catalog holds, in one request: each row says in its first column what it is.
-- `:schemas` is replaced by a list of names; everything else is the same for every database.
-- Expressions that hold no columns are printed without opening their table (`pg_get_expr(…, 0)`),
-- types are formatted once each, and names of columns are looked up by number and put in order on
-- our side.

select 'server', pg_catalog.current_setting('server_version_num'),
    pg_catalog.current_setting('search_path');

select 'schema', n.nspname, n.nspname is not distinct from current_schema()
from pg_catalog.pg_namespace n
where n.nspname in (:schemas);

select 'relation', c.oid, n.nspname, c.relname, c.relkind,
    case
        when c.oid in (
            select objid from pg_catalog.pg_depend
            where classid = 'pg_catalog.pg_class'::regclass and deptype = 'e'
        ) then 'extension'
        when c.relispartition then 'partition'
        when c.oid in (select inhrelid from pg_catalog.pg_inherits) then 'child'
        when c.oid in (
            select objid from pg_catalog.pg_depend
            where classid = 'pg_catalog.pg_class'::regclass
                and refclassid = 'pg_catalog.pg_class'::regclass
                and deptype in ('a', 'i') and refobjsubid > 0
        ) then 'owned'
        else ''
    end,
    d.description, c.relpersistence = 'u', c.reloptions, t.oid is not null, t.reloptions, s.spcname
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_class t on t.oid = c.reltoastrelid
left join pg_catalog.pg_tablespace s on s.oid = c.reltablespace
left join pg_catalog.pg_description d
    on d.objoid = c.oid and d.classoid = 'pg_catalog.pg_class'::regclass and d.objsubid = 0
where n.nspname in (:schemas) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S');

-- Enum types of all schemas, since a column may be of one that is not asked for.
select 'enum', t.oid, n.nspname, t.typname, pg_catalog.pg_type_is_visible(t.oid), e.enumlabel,
    n.nspname in (:schemas)
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
left join pg_catalog.pg_enum e on e.enumtypid = t.oid
where t.typtype = 'e' and not exists (
    select from pg_catalog.pg_depend x
    where x.classid = 'pg_catalog.pg_type'::regclass and x.objid = t.oid and x.deptype = 'e'
)
order by t.oid, e.enumsortorder;

select 'type', x.atttypid, x.atttypmod, pg_catalog.format_type(x.atttypid, x.atttypmod),
    case when t.typcategory = 'A' then t.typelem else t.oid end, t.typcategory = 'A',
    t.typcollation
from (
    select distinct a.atttypid, a.atttypmod
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname in (:schemas) and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
) x
join pg_catalog.pg_type t on t.oid = x.atttypid;

-- All of them: fewer than the columns that would have to be searched for those in use.
select 'collation', l.oid, n.nspname, l.collname, pg_catalog.pg_collation_is_visible(l.oid)
from pg_catalog.pg_collation l
join pg_catalog.pg_namespace n on n.oid = l.collnamespace;

select 'opclass', o.oid, n.nspname, o.opcname, pg_catalog.pg_opclass_is_visible(o.oid)
from pg_catalog.pg_opclass o
join pg_catalog.pg_namespace n on n.oid = o.opcnamespace
where not o.opcdefault;

-- Their options, each with the name of its class, which may be the type's default one.
select 'opclass options', a.attrelid, a.attnum, n.nspname, o.opcname,
    pg_catalog.pg_opclass_is_visible(o.oid), a.attoptions
from pg_catalog.pg_attribute a
join pg_catalog.pg_index i on i.indexrelid = a.attrelid
join pg_catalog.pg_opclass o on o.oid = i.indclass[a.attnum - 1]
join pg_catalog.pg_namespace n on n.oid = o.opcnamespace
where a.attoptions is not null;

select 'column', a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull,
    a.attidentity, a.attgenerated, a.attcollation,
    case when a.atthasdef then (
        select pg_catalog.pg_get_expr(f.adbin, case a.attgenerated when '' then 0 else f.adrelid end)
        from pg_catalog.pg_attrdef f
        where f.adrelid = a.attrelid and f.adnum = a.attnum
    ) end,
    d.description
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_description d
    on d.objoid = a.attrelid and d.classoid = 'pg_catalog.pg_class'::regclass and d.objsubid = a.attnum
where n.nspname in (:schemas) and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped;

-- Names of columns that a foreign key refers to in a schema that is not asked for.
select distinct 'reference', a.attrelid, a.attnum, a.attname
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_class r on r.oid = k.confrelid
join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = any (k.confkey)
where k.contype = 'f' and n.nspname in (:schemas) and rn.nspname not in (:schemas);

-- Sequences that a column owns, those of an identity as `i`, and those that nothing owns.
select 'sequence', d.refobjid, d.refobjsubid, n.nspname, s.relname, d.deptype, q.seqstart,
    q.seqincrement, q.seqmin, q.seqmax, q.seqcache, q.seqcycle,
    pg_catalog.format_type(q.seqtypid, null)
from pg_catalog.pg_sequence q
join pg_catalog.pg_class s on s.oid = q.seqrelid
join pg_catalog.pg_namespace n on n.oid = s.relnamespace
left join pg_catalog.pg_depend d
    on d.classid = 'pg_catalog.pg_class'::regclass and d.objid = s.oid
    and d.refclassid = 'pg_catalog.pg_class'::regclass
    and d.deptype in ('a', 'i') and d.refobjsubid > 0
where d.objid is not null or n.nspname in (:schemas) and not exists (
    select from pg_catalog.pg_depend x
    where x.classid = 'pg_catalog.pg_class'::regclass and x.objid = s.oid and x.deptype = 'e'
);

-- Version 15 brought `indnullsnotdistinct` and `confdelsetcols`; before, the name is found one level
-- further out.
select 'constraint', k.conrelid, k.conname, k.contype, k.conkey, k.confrelid, rn.nspname, r.relname,
    k.confkey, k.confdeltype, k.confupdtype, k.confmatchtype, k.condeferrable, k.condeferred,
    k.convalidated, i.indnullsnotdistinct, i.indkey, i.indnkeyatts, k.confdelsetcols,
    case when k.contype = 'c' then pg_catalog.pg_get_expr(k.conbin, k.conrelid) end
from (
    select p.*
    from (select null::smallint[] as confdelsetcols) absent
    cross join lateral (
        select oid, conrelid, conname, contype, conkey, confrelid, confkey, confdeltype, confupdtype,
            confmatchtype, condeferrable, condeferred, convalidated, conbin, conindid, conparentid,
            confdelsetcols
        from pg_catalog.pg_constraint
    ) p
) k
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_class r on r.oid = k.confrelid
left join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
left join (
    select p.*
    from (select false as indnullsnotdistinct) absent
    cross join lateral (
        select indexrelid, indkey, indnkeyatts, indnullsnotdistinct from pg_catalog.pg_index
    ) p
) i on i.indexrelid = k.conindid and k.contype in ('p', 'u')
where n.nspname in (:schemas) and c.relkind in ('r', 'p') and k.contype in ('p', 'u', 'f', 'c')
    -- A key to a partitioned table has one more row for each partition.
    and k.conparentid = 0;

select 'index', i.indexrelid, i.indrelid, x.relname, m.amname, i.indisunique, i.indisvalid, i.indkey,
    i.indoption, i.indclass, i.indcollation, i.indnkeyatts, i.indnullsnotdistinct,
    case when i.indpred is not null then pg_catalog.pg_get_expr(i.indpred, i.indrelid) end,
    x.reloptions, e.conname, e.condeferrable, e.condeferred, (
        select pg_catalog.string_agg(o.oprname, ' ' order by p.place)
        from unnest(e.conexclop) with ordinality as p(operator, place)
        join pg_catalog.pg_operator o on o.oid = p.operator
    ), s.spcname
from (
    select p.*
    from (select false as indnullsnotdistinct) absent
    cross join lateral (
        select indexrelid, indrelid, indisunique, indisvalid, indkey, indoption, indclass, indcollation,
            indnkeyatts, indpred, indnullsnotdistinct
        from pg_catalog.pg_index
    ) p
) i
join pg_catalog.pg_class x on x.oid = i.indexrelid
left join pg_catalog.pg_tablespace s on s.oid = x.reltablespace
join pg_catalog.pg_am m on m.oid = x.relam
join pg_catalog.pg_class c on c.oid = i.indrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_constraint e on e.conindid = i.indexrelid and e.contype = 'x'
where n.nspname in (:schemas) and c.relkind in ('r', 'p')
    and i.indexrelid not in (
        select conindid from pg_catalog.pg_constraint where contype in ('p', 'u')
    );

-- Parts of keys that are expressions; the rest of a key is numbers.
select 'expression', i.indexrelid, p.place, pg_catalog.pg_get_indexdef(i.indexrelid, p.place, false)
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
cross join lateral generate_series(1, i.indnkeyatts) as p(place)
where n.nspname in (:schemas) and c.relkind in ('r', 'p')
    and i.indexprs is not null and i.indkey[p.place - 1] = 0;

-- Domains of all schemas, as the types of columns are spelled.
select 'domain', pg_catalog.format_type(t.oid, null), pg_catalog.format_type(t.typbasetype, t.typtypmod)
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
where t.typtype = 'd' and n.nspname not in ('pg_catalog', 'information_schema');

select 'other', o.kind, o.nspname, o.name, o.owner
from (
    select case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end as kind,
        n.nspname, p.proname as name, null as owner, 'pg_catalog.pg_proc'::regclass as class, p.oid
    from pg_catalog.pg_proc p
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname in (:schemas)
    union all
    select 'trigger', n.nspname, g.tgname, c.relname, 'pg_catalog.pg_trigger'::regclass, g.oid
    from pg_catalog.pg_trigger g
    join pg_catalog.pg_class c on c.oid = g.tgrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname in (:schemas) and not g.tgisinternal
    union all
    select 'policy', n.nspname, y.polname, c.relname, 'pg_catalog.pg_policy'::regclass, y.oid
    from pg_catalog.pg_policy y
    join pg_catalog.pg_class c on c.oid = y.polrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname in (:schemas)
    union all
    select case t.typtype when 'd' then 'domain' when 'r' then 'range type' else 'composite type' end,
        n.nspname, t.typname, null, 'pg_catalog.pg_type'::regclass, t.oid
    from pg_catalog.pg_type t
    join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    left join pg_catalog.pg_class c on c.oid = t.typrelid
    where n.nspname in (:schemas) and (t.typtype in ('d', 'r') or t.typtype = 'c' and c.relkind = 'c')
) o
where not exists (
    select from pg_catalog.pg_depend e where e.classid = o.class and e.objid = o.oid and e.deptype = 'e'
);
