-- Writes every change of a published table's definition into the log, within the transaction that makes it.
-- To be run by a superuser, in one transaction; running it again replaces it. To remove: DROP SCHEMA cdc_system CASCADE;
DROP SCHEMA IF EXISTS cdc_system CASCADE;
CREATE SCHEMA cdc_system;
COMMENT ON SCHEMA cdc_system IS 'cdc-system DDL capture, version 1';

-- Whether any publication may publish the table: nobody reads about others.
CREATE FUNCTION cdc_system.published(p_table oid, p_schema oid, p_moved boolean) RETURNS boolean
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $cdc$
DECLARE
  v_found boolean;
BEGIN
  v_found := EXISTS (SELECT FROM pg_publication WHERE puballtables)
    OR EXISTS (SELECT FROM pg_publication_rel WHERE prrelid = p_table);
  IF NOT v_found AND current_setting('server_version_num')::int >= 150000 THEN
    v_found := EXISTS (SELECT FROM pg_publication_namespace WHERE p_moved OR pnnspid = p_schema);
  END IF;
  RETURN v_found;
END $cdc$;

-- The log takes a message as it is: in UTF-8, whatever the database's encoding. What has no form in UTF-8 is left as it is,
-- since the command must not fail for it; the block is around nothing that writes, so no subtransaction gets the message.
CREATE FUNCTION cdc_system.utf8(p_text text) RETURNS bytea
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $cdc$
BEGIN
  IF getdatabaseencoding() = 'UTF8' THEN
    RETURN convert_to(p_text, 'UTF8');
  END IF;
  BEGIN
    RETURN convert_to(p_text, 'UTF8');
  EXCEPTION WHEN OTHERS THEN
    RETURN convert_to(p_text, 'SQL_ASCII');
  END;
END $cdc$;

-- The message about one table; none where it is no permanent table of its own.
CREATE FUNCTION cdc_system.emit(p_table oid, p_tag text, p_object_type text, p_rewritten boolean) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $cdc$
BEGIN
  PERFORM pg_logical_emit_message(true, 'cdc.ddl', cdc_system.utf8(jsonb_strip_nulls(jsonb_build_object(
      'v', 1, 'tag', p_tag, 'object_type', p_object_type, 'statement', left(current_query(), 32768),
      'oid', c.oid::bigint, 'schema', n.nspname, 'name', c.relname, 'rewritten', p_rewritten,
      'columns', (
        SELECT jsonb_agg(jsonb_build_object(
            'attnum', a.attnum, 'name', a.attname, 'type', a.atttypid::bigint, 'typmod', a.atttypmod,
            'not_null', a.attnotnull,
            'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
            'identity', nullif(a.attidentity::text, ''), 'generated', nullif(a.attgenerated::text, ''),
            'labels', CASE WHEN t.typtype = 'e' THEN (
              SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) END)
          ORDER BY a.attnum)
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
      -- Unique indexes that can tell rows apart, the primary key first, then the replica identity.
      'keys', (
        SELECT jsonb_agg(jsonb_build_object('primary', u.indisprimary, 'columns', u.names)
          ORDER BY u.indisprimary DESC, u.indisreplident DESC, u.relname)
        FROM (
          SELECT i.indisprimary, i.indisreplident, x.relname, jsonb_agg(a.attname ORDER BY k.ord) AS names
          FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
            CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, ord)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
          WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
            AND i.indpred IS NULL AND i.indexprs IS NULL AND k.ord <= i.indnkeyatts
          GROUP BY i.indexrelid, i.indisprimary, i.indisreplident, x.relname
          HAVING bool_and(a.attnotnull)) u),
      -- Those that publish other columns than the ordinary ones; as JSON, since older servers lack the attributes.
      'publications', (
        SELECT jsonb_agg(jsonb_build_object('name', p.pubname,
          'columns', nullif(to_jsonb(r) -> 'prattrs', 'null'),
          'generated', coalesce(to_jsonb(p) ->> 'pubgencols' = 's', false)))
        FROM pg_publication p LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid
        WHERE to_jsonb(p) ->> 'pubgencols' = 's' OR to_jsonb(r) ->> 'prattrs' IS NOT NULL)))::text))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid = p_table AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND NOT c.relispartition
    AND cdc_system.published(c.oid, c.relnamespace, current_query() ~* 'set\s+schema');
END $cdc$;

CREATE FUNCTION cdc_system.off() RETURNS boolean
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $cdc$
  SELECT coalesce(current_setting('cdc.ddl_capture', true), '') = 'off' OR pg_is_in_recovery()
    OR NOT EXISTS (SELECT FROM pg_publication)
$cdc$;

-- The oids in what anybody may have set: the rest is no oid, and must not fail the command.
CREATE FUNCTION cdc_system.oids(p_text text) RETURNS oid[]
  LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $cdc$
  SELECT array_agg(CASE WHEN n <= 4294967295 THEN n::oid END) FILTER (WHERE n <= 4294967295)
  FROM (SELECT CASE WHEN o ~ '^[0-9]{1,10}$' THEN o::bigint END AS n FROM regexp_split_to_table(p_text, ',') o) t
$cdc$;

-- No EXCEPTION block: it would put the message into a subtransaction.
CREATE FUNCTION cdc_system.ddl_command_end() RETURNS event_trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $cdc$
DECLARE
  v_text text := coalesce(current_setting('cdc_system.rewritten', true), '');
  v_rewritten oid[];
  v_table record;
BEGIN
  IF v_text <> '' THEN
    PERFORM set_config('cdc_system.rewritten', '', true);
  END IF;
  IF cdc_system.off() THEN
    RETURN;
  END IF;
  v_rewritten := cdc_system.oids(v_text);
  FOR v_table IN
    WITH RECURSIVE named AS (
      SELECT c.classid, c.objid, c.object_type FROM pg_event_trigger_ddl_commands() c WHERE c.objid IS NOT NULL),
    affected (oid, object_type) AS (
      SELECT objid, object_type FROM named WHERE classid = 'pg_class'::regclass
      UNION
      SELECT i.indrelid, 'index' FROM named JOIN pg_index i ON i.indexrelid = objid AND i.indisunique
      WHERE classid = 'pg_class'::regclass
      UNION
      SELECT c.oid, 'schema' FROM named JOIN pg_class c ON c.relnamespace = objid
      WHERE classid = 'pg_namespace'::regclass AND tg_tag = 'ALTER SCHEMA'
      UNION
      SELECT r.prrelid, 'publication relation' FROM named JOIN pg_publication_rel r ON r.oid = objid
      WHERE classid = 'pg_publication_rel'::regclass
      UNION
      SELECT a.attrelid, 'type' FROM named JOIN pg_type e ON e.oid = objid AND e.typtype = 'e'
        JOIN pg_type t ON t.oid IN (e.oid, e.typarray) OR t.typbasetype = e.oid
        JOIN pg_attribute a ON a.atttypid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE classid = 'pg_type'::regclass
      UNION
      SELECT o, 'table' FROM unnest(v_rewritten) o
      UNION
      SELECT i.inhrelid, s.object_type FROM affected s JOIN pg_inherits i ON i.inhparent = s.oid
        JOIN pg_class c ON c.oid = i.inhrelid AND NOT c.relispartition)
    SELECT oid, min(object_type) AS object_type FROM affected GROUP BY oid ORDER BY oid
  LOOP
    PERFORM cdc_system.emit(v_table.oid, tg_tag, v_table.object_type,
      coalesce(v_table.oid = ANY (v_rewritten), false));
  END LOOP;
END $cdc$;

-- What ALTER TABLE drops of a table is told when the command ends.
CREATE FUNCTION cdc_system.sql_drop() RETURNS event_trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $cdc$
DECLARE
  v_table record;
BEGIN
  IF cdc_system.off() THEN
    RETURN;
  END IF;
  PERFORM pg_logical_emit_message(true, 'cdc.ddl', cdc_system.utf8(jsonb_strip_nulls(jsonb_build_object(
      'v', 1, 'tag', tg_tag, 'object_type', d.object_type, 'statement', left(current_query(), 32768),
      'oid', d.objid::bigint, 'schema', d.schema_name, 'name', d.object_name, 'dropped', true))::text))
  FROM pg_event_trigger_dropped_objects() d
  WHERE d.object_type = 'table' AND NOT d.is_temporary AND d.schema_name IS NOT NULL;
  IF tg_tag <> 'ALTER TABLE' THEN
    FOR v_table IN
      SELECT DISTINCT c.oid
      FROM pg_event_trigger_dropped_objects() d JOIN pg_namespace n ON n.nspname = d.address_names[1]
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = d.address_names[2]
      WHERE d.object_type IN ('table column', 'default value', 'table constraint')
      ORDER BY c.oid
    LOOP
      PERFORM cdc_system.emit(v_table.oid, tg_tag, 'table', false);
    END LOOP;
  END IF;
END $cdc$;

-- Fires before the command ends, which then says so: 1 persistence, 2 default, 4 column; not 8, access method.
CREATE FUNCTION cdc_system.table_rewrite() RETURNS event_trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $cdc$
DECLARE
  v_table oid := pg_event_trigger_table_rewrite_oid();
  v_before text := coalesce(current_setting('cdc_system.rewritten', true), '');
BEGIN
  IF cdc_system.off() OR pg_event_trigger_table_rewrite_reason() & 7 = 0 THEN
    RETURN;
  END IF;
  v_table := coalesce(pg_partition_root(v_table), v_table);
  IF NOT v_table::text = ANY (string_to_array(v_before, ',')) THEN
    PERFORM set_config('cdc_system.rewritten', concat_ws(',', nullif(v_before, ''), v_table), true);
  END IF;
END $cdc$;

REVOKE ALL ON SCHEMA cdc_system FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA cdc_system FROM PUBLIC;

CREATE EVENT TRIGGER cdc_system_ddl_command_end ON ddl_command_end
  WHEN TAG IN ('ALTER TABLE', 'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE INDEX', 'CREATE SCHEMA',
    'ALTER SCHEMA', 'ALTER TYPE', 'CREATE PUBLICATION', 'ALTER PUBLICATION')
  EXECUTE FUNCTION cdc_system.ddl_command_end();
CREATE EVENT TRIGGER cdc_system_sql_drop ON sql_drop EXECUTE FUNCTION cdc_system.sql_drop();
CREATE EVENT TRIGGER cdc_system_table_rewrite ON table_rewrite EXECUTE FUNCTION cdc_system.table_rewrite();
ALTER EVENT TRIGGER cdc_system_ddl_command_end ENABLE ALWAYS;
ALTER EVENT TRIGGER cdc_system_sql_drop ENABLE ALWAYS;
ALTER EVENT TRIGGER cdc_system_table_rewrite ENABLE ALWAYS;
