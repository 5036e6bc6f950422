/**
 * `npm run build`: the bundle for the device, in dist/. Unbundled, the imports alone cost seconds and hundreds of
 * megabytes on a small board. Three packages stay outside, because they load compiled code from their own folders; the
 * storage worker is an entry of its own, because a thread starts from a file.
 *
 * The bundle knows that it is one by its own address: compose.ts starts the worker from `./worker.js` beside itself
 * when `import.meta.url` ends in .js, and from the source when it ends in .ts. No flag has to be passed.
 */
import { spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/** Packages with compiled code: they must stand in node_modules beside the bundle. */
export const NATIVE_PACKAGES = ['better-sqlite3', '@serialport/bindings-cpp', '@node-rs/argon2'] as const;

/** CommonJS packages inside an ES module still ask for these three words. */
const COMMONJS_WORDS = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

/** zod carries its messages in some fifty languages; ours are English, and each language would be loaded at every start. */
const ZOD_IN_ENGLISH: Plugin = {
  name: 'zod-in-english',
  setup({ onLoad }) {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, ({ path }) => ({
      contents: "export { default as en } from './en.js';",
      resolveDir: dirname(path),
    }));
  },
};

/**
 * dist/main.js: V8 keeps what it compiled, which takes a sixth off every start: in the folder that NODE_COMPILE_CACHE
 * names (the service's cache folder), or else beside the bundle. Where neither can be written it does without. A Node
 * that is too old for this gets as far as the sentence in main.ts.
 */
const LAUNCHER = `#!/usr/bin/env node
import * as nodeModule from 'node:module';
nodeModule.enableCompileCache?.(\`\${import.meta.dirname}/compile-cache\`);
await import('./gateway.js');
`;

export interface BundleOptions {
  /** Name of each file without its ending, and the source it is made from. */
  readonly entries: Readonly<Record<string, string>>;
  readonly outFolder: string;
}

/** Bundles each entry into one file that runs on the pinned Node. */
export async function bundle({ entries, outFolder }: BundleOptions): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: { ...entries },
    outdir: outFolder,
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Not condensed by name: a stack trace from a device must be readable without its map.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'eof',
    external: [...NATIVE_PACKAGES],
    plugins: [ZOD_IN_ENGLISH],
    banner: { js: COMMONJS_WORDS },
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/**
 * The gateway for a device: gateway.js and worker.js, and main.js to start them by. Runs it once as far as its
 * configuration, which is empty, so that the first start on a read-only disk finds everything compiled.
 */
export async function bundleGateway(outFolder: string): Promise<Metafile> {
  const entries = { gateway: 'src/main.ts', worker: 'src/storage/worker.ts' };
  const metafile = await bundle({ entries, outFolder });
  const main = join(outFolder, 'main.js');
  await writeFile(main, LAUNCHER, { mode: 0o755 });
  const { status, stderr } = spawnSync(process.execPath, [main], { env: {}, encoding: 'utf8' });
  if (status !== NO_CONFIGURATION) throw new Error(`the bundle does not start (${status}):\n${stderr}`);
  return metafile;
}

/**
 * How the device starts Node. Short-lived objects may take 1 MB before they are collected, not 16: it costs no time
 * that the press bench can see, and saves a tenth of the memory.
 */
export const NODE_FLAGS = ['--max-semi-space-size=1'] as const;

/** Exit code of a gateway that was told of no claw. */
const NO_CONFIGURATION = 2;

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(0).padStart(6)} kB`;

/** The size of each file and the packages that weigh most in it, one a line. */
export function sizeReport(metafile: Metafile): readonly string[] {
  return Object.entries(metafile.outputs)
    .filter(([path]) => path.endsWith('.js'))
    .flatMap(([path, { bytes, inputs }]) => {
      const byPackage = new Map<string, number>();
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? 'claw-gateway';
        byPackage.set(name, (byPackage.get(name) ?? 0) + bytesInOutput);
      }
      const heaviest = [...byPackage].sort(([, a], [, b]) => b - a).slice(0, 6);
      return [
        `${kilobytes(bytes)}  ${path}`,
        ...heaviest.map(([name, size]) => `${kilobytes(size)}    ${name}`),
      ];
    });
}

if (import.meta.main) {
  const outFolder = join(ROOT, 'dist');
  await rm(outFolder, { recursive: true, force: true });
  const metafile = await bundleGateway(outFolder);
  console.log(sizeReport(metafile).join('\n'));
  console.log(`Outside of the bundle, from node_modules: ${NATIVE_PACKAGES.join(', ')}.`);
}
