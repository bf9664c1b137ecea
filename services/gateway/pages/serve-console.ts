import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { buildConsole } from './build-console.ts';

interface Packed {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly brotli: Buffer;
}

/**
 * Bundles the console and serves it at `/` and `/assets/*`: compressed once, assets for ever under names that change with
 * their content, the page with an ETag. Public: it holds nothing but code.
 *
 * @throws what the bundler throws for sources that it cannot read.
 */
export async function serveConsole(app: FastifyInstance, { log }: { log: Logger }): Promise<void> {
  const startedAt = performance.now();
  const { html, inlineSource, assets } = await buildConsole();
  const page = await pack('text/html; charset=utf-8', html);
  const packed = await Promise.all(
    assets.map(async ({ name, type, body }) => [name, await pack(type, body)] as const),
  );
  const byName = new Map(packed);

  app.get('/', { schema: { hide: true } }, async (request, reply) => {
    allowInline(reply, inlineSource);
    reply.header('cache-control', 'no-cache');
    return send(request, reply, page);
  });
  app.get<{ Params: { name: string } }>(
    '/assets/:name',
    { schema: { hide: true } },
    async (request, reply) => {
      const asset = byName.get(request.params.name);
      if (asset === undefined) {
        // A page that was open while the gateway was replaced asks for files of the version before.
        const detail = 'This file belongs to another version of the console: load the page again.';
        return reply
          .code(404)
          .type('application/problem+json')
          .send({ status: 404, code: 'not_found', detail });
      }
      reply.header('cache-control', 'public, max-age=31536000, immutable');
      return send(request, reply, asset);
    },
  );
  const gzippedBytes = [...byName.values()].reduce((sum, asset) => sum + asset.gzip.length, 0);
  const tookMs = Math.round(performance.now() - startedAt);
  log.info({ tookMs, files: byName.size, gzippedBytes }, 'The console is bundled');
}

/** The policy of the whole gateway, and the hash of the page's own script. */
function allowInline(reply: FastifyReply, source: string): void {
  const policy = reply.getHeader('content-security-policy');
  if (typeof policy !== 'string') return;
  reply.header('content-security-policy', policy.replace("script-src 'self'", `script-src 'self' ${source}`));
}

async function pack(type: string, plain: Buffer): Promise<Packed> {
  const [zipped, brotli] = await Promise.all([
    promisify(gzip)(plain, { level: 9 }),
    // 9 of 11: the last two steps take ten times as long for three percent.
    promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  ]);
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { type, etag, plain, gzip: zipped, brotli };
}

function send(request: FastifyRequest, reply: FastifyReply, packed: Packed): FastifyReply {
  reply.type(packed.type).header('vary', 'accept-encoding').header('x-content-type-options', 'nosniff');
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : undefined;
  // Each encoding is a representation of its own (RFC 9110, 8.8.3).
  const etag = encoding === undefined ? packed.etag : packed.etag.replace(/"$/, `-${encoding}"`);
  reply.header('etag', etag);
  const known = String(request.headers['if-none-match'] ?? '').split(/\s*,\s*/);
  if (known.some((tag) => tag.replace(/^W\//, '') === etag)) return reply.code(304).send();
  if (encoding === undefined) return reply.send(packed.plain);
  return reply.header('content-encoding', encoding).send(encoding === 'br' ? packed.brotli : packed.gzip);
}
