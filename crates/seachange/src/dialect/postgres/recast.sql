DECLARE
  kinds oid[];
  place text;
  made text;
  words text;
  owner text;
  rights aclitem[];
  labels text[] := :labels;
  gone text[];
  back text[];
  step text;
BEGIN
  -- The type and its array type, and what a type made anew would lose.
  SELECT ARRAY[t.oid, t.typarray], quote_ident(n.nspname), pg_catalog.obj_description(t.oid, 'pg_type'),
      nullif(pg_catalog.pg_get_userbyid(t.typowner), current_user), t.typacl
    INTO kinds, place, words, owner, rights
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE t.oid = :type::pg_catalog.regtype;
  made := place || '.' || quote_ident(:temporary);

  -- What names values of the type, or compares its columns with each other. Their texts are taken
  -- while the type has its name, and so mean the new one once that has it.
  WITH used AS (
    SELECT a.attrelid, a.attnum FROM pg_catalog.pg_attribute a
    WHERE a.atttypid = ANY (kinds) AND NOT a.attisdropped
  ), part AS (
    SELECT 1 AS rank, format('%s.%I', d.adrelid::regclass, a.attname) AS name,
        format('ALTER TABLE ONLY %s ALTER COLUMN %I DROP DEFAULT', d.adrelid::regclass, a.attname) AS gone,
        ARRAY[format('ALTER TABLE ONLY %s ALTER COLUMN %I SET DEFAULT %s', d.adrelid::regclass, a.attname,
          pg_catalog.pg_get_expr(d.adbin, d.adrelid))] AS back
    FROM pg_catalog.pg_attrdef d
    JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    WHERE a.attgenerated = '' AND (a.atttypid = ANY (kinds) OR EXISTS (
      SELECT FROM pg_catalog.pg_depend p
      WHERE p.classid = 'pg_catalog.pg_attrdef'::regclass AND p.objid = d.oid
        AND p.refclassid = 'pg_catalog.pg_type'::regclass AND p.refobjid = ANY (kinds)))
    UNION ALL
    SELECT CASE c.contype WHEN 'f' THEN 4 ELSE 2 END, format('%s.%I', c.conrelid::regclass, c.conname),
        format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname),
        ARRAY[format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname,
            pg_catalog.pg_get_constraintdef(c.oid)),
          'COMMENT ON CONSTRAINT ' || quote_ident(c.conname) || ' ON ' || c.conrelid::regclass || ' IS '
            || quote_literal(pg_catalog.obj_description(c.oid, 'pg_constraint'))]
    FROM pg_catalog.pg_constraint c
    WHERE c.contype IN ('c', 'x', 'f') AND c.conrelid <> 0 AND c.conparentid = 0 AND c.coninhcount = 0
      AND (EXISTS (
        SELECT FROM used u
        WHERE u.attrelid = c.conrelid AND u.attnum = ANY (c.conkey)
          OR u.attrelid = c.confrelid AND u.attnum = ANY (c.confkey)) OR EXISTS (
        SELECT FROM pg_catalog.pg_depend p
        WHERE p.classid = 'pg_catalog.pg_constraint'::regclass AND p.objid = c.oid
          AND p.refclassid = 'pg_catalog.pg_type'::regclass AND p.refobjid = ANY (kinds)))
    UNION ALL
    SELECT 3, i.indexrelid::regclass::text, format('DROP INDEX %s', i.indexrelid::regclass),
        ARRAY[pg_catalog.pg_get_indexdef(i.indexrelid), 'COMMENT ON INDEX ' || i.indexrelid::regclass || ' IS '
          || quote_literal(pg_catalog.obj_description(i.indexrelid, 'pg_class'))]
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
    WHERE (i.indpred IS NOT NULL OR i.indexprs IS NOT NULL) AND NOT x.relispartition AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
      AND EXISTS (
        SELECT FROM pg_catalog.pg_depend p
        WHERE p.classid = 'pg_catalog.pg_class'::regclass AND p.objid = i.indexrelid
          AND (p.refclassid = 'pg_catalog.pg_type'::regclass AND p.refobjid = ANY (kinds) OR EXISTS (
            SELECT FROM used u WHERE p.refclassid = 'pg_catalog.pg_class'::regclass
              AND u.attrelid = p.refobjid AND u.attnum = p.refobjsubid)))
  )
  SELECT coalesce(array_agg(p.gone ORDER BY p.rank DESC, p.name), '{}'),
      coalesce((SELECT array_agg(s.text ORDER BY q.rank, q.name, s.at)
        FROM part q, unnest(q.back) WITH ORDINALITY AS s (text, at) WHERE s.text IS NOT NULL), '{}')
    INTO gone, back FROM part p;

  SELECT format('CREATE TYPE %s AS ENUM (%s)', made, string_agg(quote_literal(l), ', ' ORDER BY at)) INTO step
    FROM unnest(labels) WITH ORDINALITY AS l (l, at);
  EXECUTE step;
  FOREACH step IN ARRAY gone LOOP EXECUTE step; END LOOP;
  FOR step IN
    SELECT format('ALTER TABLE %s %s', a.attrelid::regclass, string_agg(
        format('ALTER COLUMN %1$I TYPE %2$s%3$s USING %1$I::text%3$s::%2$s%3$s', a.attname, made,
          CASE a.atttypid WHEN kinds[2] THEN '[]' ELSE '' END), ', ' ORDER BY a.attnum))
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    WHERE a.atttypid = ANY (kinds) AND c.relkind IN ('r', 'p') AND a.attinhcount = 0
      AND a.attnum > 0 AND NOT a.attisdropped
    GROUP BY a.attrelid
  LOOP EXECUTE step; END LOOP;
  EXECUTE format('DROP TYPE %s', kinds[1]::regtype);
  EXECUTE format('ALTER TYPE %s RENAME TO %I', made, :name);
  made := place || '.' || quote_ident(:name);
  IF words IS NOT NULL THEN EXECUTE format('COMMENT ON TYPE %s IS %L', made, words); END IF;
  IF rights IS NOT NULL THEN
    EXECUTE format('REVOKE ALL ON TYPE %s FROM PUBLIC', made);
    FOR step IN
      SELECT format('GRANT USAGE ON TYPE %s TO %s%s', made,
        CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE r.grantee::regrole::text END,
        CASE WHEN r.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
      FROM pg_catalog.aclexplode(rights) r
    LOOP EXECUTE step; END LOOP;
  END IF;
  IF owner IS NOT NULL THEN EXECUTE format('ALTER TYPE %s OWNER TO %I', made, owner); END IF;
  FOREACH step IN ARRAY back LOOP EXECUTE step; END LOOP;
END
