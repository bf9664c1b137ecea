import { randomBytes } from 'node:crypto';
import type { Requester } from './accounts/requester.ts';
import type { Context } from './context.ts';
import { MatrixError, notFound } from './errors.ts';
import { BinaryReply, type MatrixRequest, param, type Reply, type Route } from './http/route.ts';

const download = ['/:server/:media', '/:server/:media/:filename'];
const safeInline = /^(image\/(png|jpeg|gif|webp|apng)|text\/plain|audio\/|video\/)/;

/** Upload and authenticated download of files. */
export const mediaRoutes: Route[] = [
  {
    method: 'GET',
    paths: ['/_matrix/media/v3/config', '/_matrix/media/r0/config', '/_matrix/client/v1/media/config'],
    auth: 'required',
    handle: ({ config }) => ({ 'm.upload.size': config.maxUploadBytes }),
  },
  {
    method: 'POST',
    paths: ['/_matrix/media/v3/upload', '/_matrix/media/r0/upload'],
    auth: 'required',
    takesFile: true,
    handle: upload,
  },
  {
    method: 'GET',
    paths: download.map((path) => `/_matrix/client/v1/media/download${path}`),
    auth: 'required',
    handle: readMedia,
  },
  {
    method: 'GET',
    paths: download.flatMap((path) => [
      `/_matrix/media/v3/download${path}`,
      `/_matrix/media/r0/download${path}`,
    ]),
    auth: 'none',
    // Since media needs a token, Synapse answers 404 here for everything uploaded later.
    handle: () => {
      throw notFound('Not found');
    },
  },
];

function upload(context: Context, request: MatrixRequest, { userId }: Requester): Reply {
  if (request.body.length > context.config.maxUploadBytes) {
    throw new MatrixError(413, 'M_TOO_LARGE', 'Upload request body is too large');
  }
  const mediaId = randomBytes(18).toString('base64url').replace(/[-_]/g, 'x');
  const contentType = request.headers['content-type'];
  context.database.run(
    'INSERT INTO media (media_id, uploader, content_type, filename, bytes) VALUES (?, ?, ?, ?, ?)',
    mediaId,
    userId,
    typeof contentType === 'string' ? contentType : 'application/octet-stream',
    request.query.get('filename'),
    request.body,
  );
  return { content_uri: `mxc://${context.config.serverName}/${mediaId}` };
}

function readMedia(context: Context, request: MatrixRequest): Reply {
  const media = context.database.get<{ content_type: string; filename: string | null; bytes: Uint8Array }>(
    'SELECT content_type, filename, bytes FROM media WHERE media_id = ?',
    param(request, 'media'),
  );
  if (media === undefined || param(request, 'server') !== context.config.serverName)
    throw notFound('Not found');
  const filename = request.params['filename'] ?? media.filename;
  const disposition = safeInline.test(media.content_type) ? 'inline' : 'attachment';
  const isBareText = media.content_type.startsWith('text/') && !media.content_type.includes('charset');
  return new BinaryReply(media.bytes, {
    'content-type': isBareText ? `${media.content_type}; charset=UTF-8` : media.content_type,
    'content-disposition':
      filename === null ? disposition : `${disposition}; filename*=utf-8''${encodeURIComponent(filename)}`,
    'cache-control': 'public,immutable,max-age=86400,s-maxage=86400',
  });
}
