import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderPage } from './render-page.ts';

/** A file of the console, under a name that changes with its content. */
export interface Asset {
  readonly name: string;
  readonly type: string;
  readonly body: Buffer;
}

export interface ConsoleBuild {
  readonly html: Buffer;
  /** The source of `script-src` that lets the page's one inline script run. */
  readonly inlineSource: string;
  readonly assets: readonly Asset[];
}

/**
 * Bundles the browser's code from its sources, in memory. The bundler is loaded here, and its process ends with the build:
 * a gateway that runs holds neither.
 *
 * @throws what the bundler throws for sources that it cannot read.
 */
export async function buildConsole(): Promise<ConsoleBuild> {
  const { buildSync } = await import('esbuild');
  const main = fileURLToPath(new URL('../console/main.tsx', import.meta.url));
  const outdir = '/assets';
  const { outputFiles } = buildSync({
    entryPoints: [main],
    entryNames: '[name]-[hash]',
    chunkNames: 'part-[hash]',
    assetNames: '[name]-[hash]',
    outdir,
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    sourcemap: false,
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  });
  const files = outputFiles.map(({ path, contents }) => ({
    name: basename(path),
    body: Buffer.from(contents),
  }));
  const script = files.find(({ name }) => name.startsWith('main-') && name.endsWith('.js'));
  if (script === undefined) throw new Error('The bundle of the console has no entry');
  const style = joinStyles(files.filter(({ name }) => name.endsWith('.css')));
  const scripts = files.filter(({ name }) => name.endsWith('.js'));
  const { html, inline } = renderPage({
    script: `${outdir}/${script.name}`,
    style: `${outdir}/${style.name}`,
  });
  const assets = [
    { ...style, type: 'text/css; charset=utf-8' },
    ...scripts.map((file) => ({ ...file, type: 'text/javascript; charset=utf-8' })),
  ];
  return { html: Buffer.from(html), inlineSource: sourceOf(inline), assets };
}

/**
 * One stylesheet of all: the bundler keeps those of single pages apart, and nothing would load them. The frame's comes first,
 * since it sets the order of the layers.
 */
function joinStyles(files: readonly Pick<Asset, 'name' | 'body'>[]): Pick<Asset, 'name' | 'body'> {
  const isEntry = ({ name }: Pick<Asset, 'name'>): boolean => name.startsWith('main-');
  const ordered = files.toSorted(
    (a, b) => Number(isEntry(b)) - Number(isEntry(a)) || (a.name < b.name ? -1 : 1),
  );
  const body = Buffer.concat(ordered.map((file) => file.body));
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 10);
  return { name: `console-${hash}.css`, body };
}

function sourceOf(inlineScript: string): string {
  return `'sha256-${createHash('sha256').update(inlineScript).digest('base64')}'`;
}
