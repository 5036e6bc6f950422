/** The environment: defaults, every fault at once, near misses. */
import { describe, expect, it } from 'vitest';
import { CONFIG_VARIABLES, readConfig } from '../src/config.ts';

function faultsOf(environment: Record<string, string>): readonly string[] {
  const result = readConfig(environment);
  return result.kind === 'faults' ? result.faults : [];
}

describe('readConfig', () => {
  it('needs nothing but CLAWS', () => {
    const result = readConfig({ CLAWS: 'claw-1=/dev/ttyUSB0, claw-2=/dev/serial/by-id/usb-a=b' });
    expect(result).toEqual({
      kind: 'config',
      config: {
        claws: [
          { claw: 'claw-1', path: '/dev/ttyUSB0' },
          { claw: 'claw-2', path: '/dev/serial/by-id/usb-a=b' },
        ],
        httpHost: '0.0.0.0',
        httpPort: 8080,
        httpAllowedHosts: [],
        dataDir: './data',
        authSecret: null,
        logLevel: 'info',
      },
    });
    expect(result.kind === 'config' && Object.isFrozen(result.config)).toBe(true);
  });

  it('never simulates by itself: without CLAWS it says what to set', () => {
    expect(faultsOf({})).toEqual([expect.stringMatching(/^CLAWS: set it to .*claw-1=\/dev/)]);
    expect(faultsOf({ CLAWS: '' })).toHaveLength(1);
  });

  it('lists every fault at once, each with its variable and what is allowed', () => {
    const faults = faultsOf({
      CLAWS: 'Claw 1=/dev/ttyUSB0,claw-2=ttyUSB1,claw-3=/dev/a,claw-3=/dev/b',
      HTTP_PORT: '70000',
      AUTH_SECRET: 'short',
      LOG_LEVEL: 'loud',
      HTTP_ALLOWED_HOSTS: 'http://claw',
    });
    expect(faults).toEqual([
      expect.stringMatching(/^CLAWS: "Claw 1" is no name/),
      expect.stringMatching(/^CLAWS: claw-2 needs the full path/),
      expect.stringMatching(/^CLAWS: claw-3 stands twice/),
      expect.stringMatching(/^HTTP_PORT: .*0 to 65535/),
      expect.stringMatching(/^HTTP_ALLOWED_HOSTS: host names/),
      expect.stringMatching(/^AUTH_SECRET: at least 32 characters/),
      expect.stringMatching(/^LOG_LEVEL: one of fatal/),
    ]);
    // A secret must not be repeated in what is printed.
    expect(faults.join('\n')).not.toContain('short');
  });

  it('points out a near miss of a known name', () => {
    expect(faultsOf({ CLAWS: 'a=/dev/a', HTP_PORT: '1' })).toEqual(['HTP_PORT: is HTTP_PORT meant?']);
    expect(faultsOf({ CLAWS: 'a=/dev/a', DATADIR: '/x' })).toEqual(['DATADIR: is DATA_DIR meant?']);
  });

  it('describes every variable it reads', () => {
    expect(CONFIG_VARIABLES.map((variable) => variable.name).sort()).toEqual([
      'AUTH_SECRET',
      'CLAWS',
      'DATA_DIR',
      'HTTP_ALLOWED_HOSTS',
      'HTTP_HOST',
      'HTTP_PORT',
      'LOG_LEVEL',
    ]);
  });
});
