import { type ImageType, imageSize } from './image-size.ts';

export type Sniffed =
  | { readonly kind: 'image'; readonly mimetype: ImageType }
  | { readonly kind: 'pdf'; readonly mimetype: 'application/pdf' }
  | { readonly kind: 'text'; readonly text: string };

/** A model scales an image down anyway; more pixels than this are an attack on whoever decodes them. */
const mostPixels = 40_000_000;

const signatures: readonly (readonly [ImageType | 'application/pdf', RegExp])[] = [
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[\s\S]{4}WEBP/],
  ['application/pdf', /^%PDF-/],
];

/**
 * What a file is, by its first bytes alone: neither its name nor what its sender says counts. Undefined for everything
 * that is not passed on: other types, images without a size or with too many pixels, HTML, SVG, text that is no UTF-8.
 */
export function sniffMedia(bytes: Uint8Array): Sniffed | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  const mimetype = signatures.find(([, signature]) => signature.test(head))?.[0];
  if (mimetype === undefined) return sniffText(bytes);
  if (mimetype === 'application/pdf') return { kind: 'pdf', mimetype };
  const size = imageSize(bytes, mimetype);
  if (size === undefined || size.width * size.height > mostPixels) return undefined;
  return size.width * size.height > 0 ? { kind: 'image', mimetype } : undefined;
}

/** What browsers and viewers would run or draw is no text, however it is called. */
const markup = /^\s*<(?:!doctype|!--|\?xml|html|head|body|svg|script|iframe|style|math)/i;
const controls = /[\u0000-\u0008\u000b\u000e-\u001f\u007f]/;

function sniffText(bytes: Uint8Array): Sniffed | undefined {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
  if (text.trim() === '' || controls.test(text) || markup.test(text.slice(0, 4_096))) return undefined;
  return { kind: 'text', text };
}
