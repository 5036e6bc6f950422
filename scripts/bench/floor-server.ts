/**
 * The floor of the press bench, as a process of its own: what nobody can do without. A bare Express handler reads the
 * JSON body, commits one row with synchronous=FULL in the same thread, writes one line to the serial port and answers
 * 202. No sign-in, no validation, no protocol.
 *
 * Arguments: the tty and the database file. Prints `listening <port>` when it is ready.
 */
import type { AddressInfo } from 'node:net';
import Database from 'better-sqlite3';
import express from 'express';
import { SerialPort } from 'serialport';

const [tty = '', databaseFile = ''] = process.argv.slice(2);

const database = new Database(databaseFile);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.pragma('locking_mode = EXCLUSIVE');
database.exec(`CREATE TABLE presses (
  id INTEGER PRIMARY KEY AUTOINCREMENT, action TEXT NOT NULL, details TEXT, created_at TEXT NOT NULL)`);
const insert = database.prepare('INSERT INTO presses (action, details, created_at) VALUES (?, ?, ?)');

const port = new SerialPort({ path: tty, baudRate: 115_200 });
await new Promise<void>((resolve, reject) => {
  port.once('open', resolve);
  port.once('error', reject);
});

const app = express();
app.use(express.json());
app.post('/claws/:claw/strike', (request, response) => {
  const row = insert.run('CLAW_STRIKE', JSON.stringify(request.body), new Date().toISOString());
  port.write(`C 00001001 ${row.lastInsertRowid} 000007D0 STRIKE*00000000\n`);
  response.status(202).json({ id: String(row.lastInsertRowid), claw: request.params.claw, verb: 'strike' });
});
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening ${(server.address() as AddressInfo).port}`);
});
