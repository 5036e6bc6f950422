/** Migrations on real files: once each, all or nothing, and never backwards. */
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MIGRATIONS, migrate, SCHEMA_VERSION } from '../../src/storage/migrations.ts';
import { temporaryFolder } from './support.ts';

function open(file: string): Sqlite.Database {
  const database = new Sqlite(file);
  onTestFinished(() => {
    database.close();
  });
  return database;
}

const version = (database: Sqlite.Database) => database.pragma('user_version', { simple: true });

describe('migrate', () => {
  it('brings an empty file up to date, and an up-to-date one nowhere', () => {
    const file = join(temporaryFolder(), 'gateway.db');
    const first = open(file);
    migrate(first);
    expect(version(first)).toBe(SCHEMA_VERSION);
    first.exec(`INSERT INTO meta VALUES ('kept', 'yes')`);
    migrate(first);
    expect(first.prepare('SELECT value FROM meta').pluck().get()).toBe('yes');
  });

  it('undoes a step that fails half-way, its number too', () => {
    const database = open(':memory:');
    database.exec('CREATE TABLE verification (already_here TEXT)');
    expect(() => migrate(database)).toThrow(/verification/);
    expect(version(database)).toBe(0);
    expect(
      database.prepare(`SELECT count(*) FROM sqlite_schema WHERE name = 'audit_logs'`).pluck().get(),
    ).toBe(0);
    expect(database.inTransaction).toBe(false);
  });

  it('leaves the file of a newer gateway alone', () => {
    const database = open(':memory:');
    database.pragma(`user_version = ${MIGRATIONS.length + 1}`);
    expect(() => migrate(database)).toThrow(/a newer gateway wrote it/);
    expect(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()).toBe(0);
  });
});
