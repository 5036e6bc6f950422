/**
 * The files for systemd and udev: written as those programs read them, and with what keeps a device safe. Where the
 * machine has systemd-analyze, its word is asked too.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NODE_FLAGS } from '../../scripts/build.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'systemd');
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

type Settings = ReadonlyMap<string, readonly string[]>;

/** Sections and settings of a unit; throws at the first line that systemd would not take. */
function parseUnit(text: string): ReadonlyMap<string, Settings> {
  const sections = new Map<string, Map<string, string[]>>();
  let current: Map<string, string[]> | undefined;
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const section = /^\[([A-Z]\w+)\]$/.exec(line)?.[1];
    const setting = /^([A-Z]\w+)=(.*)$/.exec(line);
    if (section !== undefined) {
      current = sections.get(section) ?? new Map();
      sections.set(section, current);
    } else if (setting !== null && current !== undefined) {
      const [, name = '', value = ''] = setting;
      current.set(name, [...(current.get(name) ?? []), value]);
    } else throw new Error(`neither section, setting nor comment: ${line}`);
  }
  return sections;
}

const unit = parseUnit(read('claw-gateway.service'));
const service = unit.get('Service') ?? new Map<string, readonly string[]>();

describe('claw-gateway.service', () => {
  it('has the sections of a service', () => {
    expect([...unit.keys()]).toEqual(['Unit', 'Service', 'Install']);
    expect(() => parseUnit('[Service]\nthis is no setting\n')).toThrow('neither');
  });

  it('starts Node as the benches do', () => {
    const [command = ''] = service.get('ExecStart') ?? [];
    expect(command).toContain(`/node ${NODE_FLAGS.join(' ')} /opt/claw-gateway/dist/main.js`);
  });

  it.each([
    ['User', 'claw'],
    ['SupplementaryGroups', 'dialout'],
    ['Restart', 'always'],
    ['RestartPreventExitStatus', '2'],
    ['StateDirectory', 'claw-gateway'],
    ['StateDirectoryMode', '0700'],
    ['CacheDirectory', 'claw-gateway'],
    ['EnvironmentFile', '-/etc/claw-gateway/env'],
    ['NoNewPrivileges', 'true'],
    ['CapabilityBoundingSet', ''],
    ['ProtectSystem', 'strict'],
    ['ProtectHome', 'true'],
    ['PrivateTmp', 'true'],
    ['DevicePolicy', 'closed'],
    ['SystemCallFilter', '@system-service'],
  ])('says %s=%s', (name, value) => expect(service.get(name)).toEqual([value]));

  it('bounds the memory and sees serial ports only', () => {
    expect(service.get('MemoryMax')).toEqual(['256M']);
    expect(service.get('DeviceAllow')?.every((line) => /^char-tty\w+ rw$/.test(line))).toBe(true);
  });

  it('runs the pinned Node on the bundle', () => {
    const [command = ''] = service.get('ExecStart') ?? [];
    expect(command).toMatch(
      /^\/opt\/claw-gateway\/node_modules\/\.bin\/node .*\/opt\/claw-gateway\/dist\/main\.js$/,
    );
  });

  it('is taken by systemd-analyze, where the machine has it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'claw-unit-'));
    try {
      // The device's Node is not on this machine, and a command that is not there is the one thing it would blame.
      const copy = read('claw-gateway.service').replace(
        '/opt/claw-gateway/node_modules/.bin/node',
        process.execPath,
      );
      writeFileSync(join(folder, 'claw-gateway.service'), copy);
      const verdict = spawnSync('systemd-analyze', ['verify', join(folder, 'claw-gateway.service')], {
        encoding: 'utf8',
      });
      // Without the program its part is what the tests above have checked.
      if (verdict.error !== undefined) expect(verdict.error).toMatchObject({ code: 'ENOENT' });
      else expect({ status: verdict.status, says: verdict.stderr }).toEqual({ status: 0, says: '' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('restart-backoff.conf', () => {
  it('adds to the service alone', () => {
    const added = parseUnit(read('restart-backoff.conf'));
    expect([...added.keys()]).toEqual(['Service']);
    expect([...(added.get('Service')?.keys() ?? [])]).toEqual(['RestartSteps', 'RestartMaxDelaySec']);
  });
});

const MATCH = /^(?:ACTION|SUBSYSTEMS?|ENV\{\w+\}|LABEL|GOTO)$/;
const ASSIGN = /^(?:ENV\{\w+\}|IMPORT\{builtin\}|GROUP|MODE|SYMLINK|LABEL|GOTO)$/;

/** The parts of each rule as [key, operator, value]; throws at what udev would not take. */
function parseRules(text: string): readonly (readonly [string, string, string])[][] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) =>
      line.split(/,\s+/).map((part) => {
        const [, key = '', operator = '', value = ''] =
          /^([A-Z]+(?:\{\w+\})?)(==|!=|\+=|=)"([^"]*)"$/.exec(part) ?? [];
        const known = operator === '==' || operator === '!=' ? MATCH : ASSIGN;
        if (!known.test(key)) throw new Error(`not a part of a udev rule: ${part}`);
        return [key, operator, value] as const;
      }),
    );
}

describe('99-claw.rules', () => {
  const parts = parseRules(read('99-claw.rules')).flat();
  const values = (key: string) => parts.filter(([name]) => name === key).map(([, , value]) => value);

  it('is written as udev reads it', () => {
    expect(parts.length).toBeGreaterThan(10);
    expect(() => parseRules('GROUP=dialout')).toThrow('GROUP');
  });

  it('jumps only to labels that are there', () => {
    expect(values('GOTO').every((label) => values('LABEL').includes(label))).toBe(true);
  });

  it('gives the port to dialout, names it, and keeps ModemManager away', () => {
    expect(values('GROUP')).toEqual(['dialout']);
    expect(values('MODE')).toEqual(['0660']);
    expect(values('SYMLINK').every((name) => name.startsWith('claw/'))).toBe(true);
    expect(values('ENV{ID_MM_DEVICE_IGNORE}')).toEqual(['1']);
  });
});
