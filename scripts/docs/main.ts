import { resolve } from 'node:path';
import process from 'node:process';
import { buildSite } from './build-site.ts';

const folder = resolve(process.argv[2] ?? 'docs-site');
const pages = await buildSite(folder);
process.stdout.write(`${pages.length} pages in ${folder}: open ${resolve(folder, 'index.html')}\n`);
