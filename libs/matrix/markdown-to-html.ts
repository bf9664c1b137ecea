import MarkdownIt, { type MarkdownIt as Parser, type Token } from 'markdown-it';
import { linkSchemes, sanitiseMatrixHtml } from './markdown-sanitise.ts';
import { withoutPills } from './markdown-without-pills.ts';

export interface MarkdownOptions {
  /** The one user whose `matrix.to` link stays a link, which clients show as a pill. */
  readonly mayMention?: string | undefined;
}

const parser = createParser();

/**
 * Renders Markdown of an untrusted author to the HTML that Matrix rooms may show: raw HTML stays text, a link whose
 * text hides its host names it, pills and foreign images become plain text or links, and all passes the sanitiser.
 */
export function markdownToHtml(markdown: string, options: MarkdownOptions = {}): string {
  const tokens = parser.parse(markdown, {});
  for (const token of tokens) {
    // Clients make pills even of a bare URL in code.
    token.content = withoutPills(token.content);
    token.info = withoutPills(token.info);
    if (token.children !== null) token.children = withSafeLinks(token.children, options.mayMention);
  }
  return sanitiseMatrixHtml(parser.renderer.render(tokens, parser.options, {})).trim();
}

function createParser(): Parser {
  const markdownIt = new MarkdownIt({ html: false, linkify: true, breaks: true });
  // Only what is written as a URL: "notes.md" and "v1.2.io" are no links.
  markdownIt.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  markdownIt.validateLink = (url) => {
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url.trim())?.[1]?.toLowerCase();
    return scheme !== undefined && [...linkSchemes, 'mxc'].includes(scheme);
  };
  markdownIt.renderer.rules['image'] = (tokens, index) => image(tokens[index]);
  markdownIt.renderer.rules['link_close'] = (tokens, index) =>
    `</a>${markdownIt.utils.escapeHtml(String(tokens[index]?.meta?.['note'] ?? ''))}`;
  return markdownIt;
}

/**
 * Never shown: an image tells its host who reads, and when, and its address can carry away what a model was told. That goes
 * for `mxc:` too, which the homeserver would fetch from the server that it names.
 */
function image(token: Token | undefined): string {
  const { escapeHtml } = parser.utils;
  const source = String(token?.attrGet('src') ?? '');
  const alt = token?.content ?? '';
  const isText = token?.meta?.['isInsideLink'] === true || isMatrixLink(source) || isMxc(source);
  if (isText) return escapeHtml(alt);
  const note = escapeHtml(hiddenPlace(source, alt || source));
  return `<a href="${escapeHtml(source)}">${escapeHtml(alt || source)}</a>${note}`;
}

function withSafeLinks(tokens: readonly Token[], mayMention: string | undefined): Token[] {
  const safe: Token[] = [];
  let open: { token: Token; text: string; isText: boolean } | undefined;
  for (const token of tokens) {
    token.content = withoutPills(token.content);
    if (token.type === 'link_open') {
      open = { token, text: '', isText: isPlainText(token, mayMention) };
      if (!open.isText) safe.push(token);
    } else if (token.type === 'link_close') {
      if (open !== undefined && !open.isText) {
        token.meta = { note: hiddenPlace(String(open.token.attrGet('href') ?? ''), open.text) };
        safe.push(token);
      }
      open = undefined;
    } else {
      if (open !== undefined) {
        token.content = token.content.replaceAll(turning, '');
        open.text += token.content;
        if (token.type === 'image') token.meta = { isInsideLink: true };
      }
      pushJoined(safe, token);
    }
  }
  return safe;
}

/** Two texts that stand side by side, because a link between them was dropped, could make a pill together. */
function pushJoined(safe: Token[], token: Token): void {
  const last = safe.at(-1);
  if (last?.type === 'text' && token.type === 'text')
    last.content = withoutPills(last.content + token.content);
  else safe.push(token);
}

/** What turns the letters behind it around, so that an address reads as another one. */
const turning = /[\u202a-\u202e\u2066-\u2069]/g;

function isPlainText(link: Token, mayMention: string | undefined): boolean {
  const href = String(link.attrGet('href') ?? '');
  if (isMxc(href)) return true;
  return isMatrixLink(href) && !(mayMention !== undefined && userOf(href) === mayMention);
}

function isMxc(href: string): boolean {
  return /^mxc:/i.test(href);
}

function isMatrixLink(href: string): boolean {
  if (/^matrix:/i.test(href)) return true;
  const { hostname = '', protocol = '' } = URL.parse(href) ?? {};
  return /^https?:$/.test(protocol) && /(^|\.)matrix\.to\.?$/.test(hostname);
}

function userOf(href: string): string | undefined {
  const match = /^https:\/\/matrix\.to\/#\/([^?/]+)$/.exec(href);
  try {
    return match === null ? undefined : decodeURIComponent(match[1] ?? '');
  } catch {
    // Not percent-encoded as URLs are: it names nobody.
    return undefined;
  }
}

/** What a reader must know before following: the host or mail address, where the link's text does not begin with it. */
function hiddenPlace(href: string, text: string): string {
  const url = URL.parse(href);
  if (url === null || isMatrixLink(url.href)) return '';
  const place = url.protocol === 'mailto:' ? addressOf(url) : url.host;
  if (place === '') return '';
  const shown = text
    .trim()
    .toLowerCase()
    .replace(/^(?:https?:\/\/|mailto:)/, '');
  const isShown = shown.startsWith(place) && /^([/?#]|$)/.test(shown.slice(place.length));
  return isShown ? '' : ` (${place})`;
}

/** Of one who is written to; as it stands where it is not percent-encoded as URLs are. */
function addressOf({ pathname }: URL): string {
  try {
    return decodeURIComponent(pathname).toLowerCase();
  } catch {
    return pathname.toLowerCase();
  }
}
