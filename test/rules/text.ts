/** What no file of the project may say: where one machine keeps things, and where packages are fetched from. */
import type { Rule } from './tree.ts';

/** Words that must not stand in a file. Written so that this file does not match itself. */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.}$@-])\/(?:work|root|home|Users)\/[\w.-]+/, 'names a path of one machine'],
  [
    /registry\.(?:npmjs|yarnpkg|npmmirror)|npm\.pkg\.github|deb\.debian\.org|npm_config_regis(?:try)/i,
    'names a registry',
  ],
  [/\bregistry\s*=\s*\S+:\/\//i, 'sets a registry'],
  [/\.\.\/shared\b/, 'names a folder outside of the project'],
  [/[\w.+-]+:[^\s@/'"`]+@(?:[\w-]+\.)+[a-z]{2,}:\d+/i, 'holds a user and a password'],
];

/** Every text file is free of machine paths, registry addresses and passwords in addresses. */
export const cleanText: Rule = (files) =>
  files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        FORBIDDEN.filter(([words]) => words.test(line)).map(([, what]) => `${path}:${index + 1}: ${what}`),
      ),
  );

/** The lock file names packages by version and hash only, so that it serves with any registry. */
export const lockWithoutAddresses: Rule = (files) =>
  files
    .filter(({ path }) => path === 'package-lock.json' || path === 'npm-shrinkwrap.json')
    .flatMap(({ path, text }) => {
      const { packages } = JSON.parse(text) as {
        packages: Record<string, { resolved?: string; integrity?: string }>;
      };
      return Object.entries(packages).flatMap(([name, entry]) => {
        if (entry.resolved !== undefined) return [`${path}: ${name} is tied to an address`];
        return name === '' || entry.integrity !== undefined ? [] : [`${path}: ${name} has no hash`];
      });
    });
