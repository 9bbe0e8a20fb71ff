DECLARE
  step text;
BEGIN
  -- Names that the server chose by the old one, with the number behind them if there is one.
  FOR step IN
    WITH part AS (
      SELECT c.conname::text AS name, c.connamespace AS place,
        format('ALTER TABLE %s RENAME CONSTRAINT %I TO ', c.conrelid::regclass, c.conname) AS sql,
        CASE c.contype WHEN 'p' THEN '_pkey' WHEN 'u' THEN '_key' WHEN 'f' THEN '_fkey'
          WHEN 'c' THEN '_check' WHEN 'x' THEN '_excl' WHEN 'n' THEN '_not_null' END AS ending,
        CASE WHEN c.contype = 'p' OR c.contype = 'c' AND cardinality(c.conkey) <> 1 THEN '{}'
          -- An included column is in the name too.
          WHEN c.contype = 'u' THEN (SELECT i.indkey::int2[]::int[] FROM pg_catalog.pg_index i WHERE i.indexrelid = c.conindid)
          ELSE c.conkey::int[] END AS numbers
      FROM pg_catalog.pg_constraint c
      WHERE c.conrelid = :relation::pg_catalog.regclass AND c.coninhcount = 0
      UNION ALL
      SELECT s.relname, s.relnamespace, format('ALTER SEQUENCE %s RENAME TO ', s.oid::regclass), '_seq',
        ARRAY[d.refobjsubid]
      FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
        AND d.refobjid = :relation::pg_catalog.regclass AND d.deptype IN ('a', 'i')
    ), chosen AS (
      SELECT part.*, :was_table || coalesce(k.was, '') || part.ending AS was,
        :table || coalesce(k.now, '') || part.ending AS now
      FROM part, LATERAL (
        SELECT string_agg('_' || CASE a.attname WHEN :column THEN :was_column ELSE a.attname END, '' ORDER BY n.at) AS was,
          string_agg('_' || a.attname, '' ORDER BY n.at) AS now
        FROM unnest(part.numbers) WITH ORDINALITY AS n (number, at)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = :relation::pg_catalog.regclass AND a.attnum = n.number) k
    ), renamed AS (
      SELECT c.*, c.now || substr(c.name, length(c.was) + 1) AS new FROM chosen c
      WHERE c.was <> c.now AND starts_with(c.name, c.was) AND substr(c.name, length(c.was) + 1) ~ '^[0-9]*$'
    )
    SELECT r.sql || quote_ident(r.new) FROM renamed r
    WHERE octet_length(r.new) <= 63
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_class x WHERE x.relnamespace = r.place AND x.relname = r.new)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint x
        WHERE x.conrelid = :relation::pg_catalog.regclass AND x.conname = r.new)
    ORDER BY r.name
  LOOP EXECUTE step; END LOOP;
END
