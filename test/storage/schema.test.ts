/** The tables as drizzle sees them, held against the tables that the migrations make. */
import Sqlite from 'better-sqlite3';
import { is, SQL } from 'drizzle-orm';
import { getTableConfig, SQLiteSyncDialect, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { afterAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/storage/migrations.ts';
import * as schema from '../../src/storage/schema.ts';

const database = new Sqlite(':memory:');
migrate(database);
afterAll(() => database.close());

const tables = (Object.values(schema) as unknown[]).filter((value): value is SQLiteTable =>
  is(value, SQLiteTable),
);
const configs = tables.map((table) => getTableConfig(table));
const dialect = new SQLiteSyncDialect();

const plain = (sql: string) => sql.replace(/\s+/g, ' ').trim().toLowerCase();

function indexesInDatabase(table: string) {
  const list = database.pragma(`index_list(${table})`) as { name: string; unique: number; origin: string }[];
  return list
    .filter(({ origin }) => origin === 'c')
    .map(({ name, unique }) => {
      const columns = (database.pragma(`index_info(${name})`) as { name: string }[]).map((part) => part.name);
      const sql = String(database.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck().get(name));
      const where = /\sWHERE\s(.*)$/is.exec(sql)?.[1] ?? null;
      return { name, unique: unique === 1, columns, where: where && plain(where) };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

function indexesInSchema(config: (typeof configs)[number]) {
  return config.indexes
    .map(({ config: index }) => ({
      name: index.name,
      unique: index.unique,
      columns: index.columns.map((column) => (is(column, SQL) ? 'expression' : column.name)),
      where: index.where === undefined ? null : plain(dialect.sqlToQuery(index.where).sql),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

describe.each(configs.map((config) => [config.name, config] as const))('%s', (name, config) => {
  it('has the same columns, types and keys', () => {
    const found = (
      database.pragma(`table_info(${name})`) as { name: string; type: string; notnull: number; pk: number }[]
    ).map((column) => ({
      name: column.name,
      type: column.type.toLowerCase(),
      notNull: column.notnull === 1,
      primary: column.pk === 1,
    }));
    const wanted = config.columns.map((column) => ({
      name: column.name,
      type: column.getSQLType().toLowerCase(),
      notNull: column.notNull,
      primary: column.primary,
    }));
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect(found.sort(byName)).toEqual(wanted.sort(byName));
  });

  it('has the same indexes', () => expect(indexesInDatabase(name)).toEqual(indexesInSchema(config)));

  it('has the same foreign keys', () => {
    const found = database.pragma(`foreign_key_list(${name})`) as {
      table: string;
      from: string;
      to: string;
    }[];
    expect(found.map(({ table, from, to }) => `${from} -> ${table}.${to}`)).toEqual(
      config.foreignKeys.map((key) => {
        const { columns, foreignTable, foreignColumns } = key.reference();
        return `${columns[0]?.name} -> ${getTableConfig(foreignTable).name}.${foreignColumns[0]?.name}`;
      }),
    );
  });
});

describe('the file', () => {
  it('holds no table that the schema does not know', () => {
    const names = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all();
    expect(names.sort()).toEqual(configs.map(({ name }) => name).sort());
  });

  it('declares the audit columns in the words they were asked for', () => {
    const types = Object.fromEntries(
      (database.pragma('table_info(audit_logs)') as { name: string; type: string }[]).map((column) => [
        column.name,
        column.type,
      ]),
    );
    expect(types).toMatchObject({
      id: 'VARCHAR(36)',
      user_id: 'VARCHAR(36)',
      user_email: 'VARCHAR(255)',
      action: 'VARCHAR(50)',
      resource_type: 'VARCHAR(50)',
      resource_id: 'VARCHAR(36)',
      ip_address: 'VARCHAR(45)',
      user_agent: 'TEXT',
      details: 'TEXT',
      status: 'VARCHAR(20)',
      error_message: 'TEXT',
      duration_ms: 'INTEGER',
      created_at: 'TIMESTAMP',
    });
  });
});
