import type { Checked, Problem } from './problem.ts';

/** Lengths are bounded in every pattern: time stays linear, whatever the text. */
const inline = /(!?)\[([^[\]\n]{0,300})\]\([^\S\n]{0,9}<?([^)[\s>]{0,1000})>?(?:\s[^)\n]{0,300})?\)/g;
const reference = /(!?)\[([^[\]\n]{1,300})\]\[[^[\]\n]{0,300}\]/g;
const definition = /^[^\S\n]{0,3}\[[^[\]\n]{1,300}\]:[^\S\n]{0,9}<?([^\s>]{0,2000})>?[^\n]{0,300}$/gm;
const leftTarget = /\]\(\s{0,9}<?([^)[\s>]{0,2000})/g;
const leftDefinition = /\]:\s{0,9}<?([^\s>]{1,2000})/g;
const autolink = /<([a-z][a-z0-9+.-]{1,31}:[^\s<>]{0,2000})>/gi;
const bare = /(?:\b[a-z][a-z0-9+.-]{1,20}:|(?<![\w/:.]))\/\/[^\s<>()"'`\]]{1,2000}/gi;
const withoutScheme =
  /(?<![\w@./:-])(?:www\.)?(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}\/[^\s<>()"'`\]]{0,2000}|(?<![\w@./:-])www\.[a-z0-9.-]{1,253}/gi;
const html =
  /<\/?(?:a|img|script|iframe|svg|video|audio|source|object|embed|link|style|form|base|meta)\b[^<>]{0,2000}>/gi;

/** Nothing but a name and a port: Markdown takes escapes and entities out, and would lead elsewhere than what is read here. */
const plainHost = /^https?:\/\/[\p{L}\p{N}\p{M}._-]{1,253}(?::\d{1,5})?(?=[/?#]|$)/iu;
/** One address, with nothing behind it that could name another. */
const plainMail = /^mailto:[\w.+-]{1,64}@([a-z0-9.-]{1,253})$/i;

const removed = '(link removed)';

/**
 * Takes out images, HTML that loads or leads somewhere, and every link to a host that is not on the list (or below one
 * that is). A link's words stay.
 */
export function checkLinks(draft: string, hosts: readonly string[]): Checked {
  const problems = new Map<string, Problem>();
  const drop = (target: string): void => {
    const kind = /matrix(?:\.to\b|:)/i.test(target) ? 'mention' : 'link';
    const place = placeOf(target);
    problems.set(`${kind}:${place}`, { kind, why: `had a link to ${place}, which is not allowed` });
  };
  const dropImage = (): void => {
    problems.set('image', { kind: 'image', why: 'had an image' });
  };
  const isAllowed = (target: string): boolean => isListed(target, hosts);
  const text = draft
    .replaceAll(inline, (match, bang: string, label: string, target: string) => {
      if (bang !== '') dropImage();
      if (bang === '' && isAllowed(target)) return match;
      if (bang === '') drop(target);
      return label;
    })
    .replaceAll(definition, (match, target: string) => {
      if (isAllowed(target)) return match;
      drop(target);
      return '';
    })
    .replaceAll(reference, (match, bang: string, label: string) => {
      if (bang === '') return match;
      dropImage();
      return label;
    })
    .replaceAll(html, (match) => {
      if (match.startsWith('</')) return '';
      if (/^<img/i.test(match)) dropImage();
      else
        drop(
          /(?:href|src|action)\s{0,9}=\s{0,9}["']?([^\s"'>]{1,2000})/i.exec(match)?.[1] ?? 'a place in HTML',
        );
      return '';
    })
    .replaceAll(leftTarget, (match, target: string) => {
      if (isAllowed(target)) return match;
      drop(target);
      return '](#';
    })
    .replaceAll(leftDefinition, (match, target: string) => {
      if (!/:.|\\|&[#\w]{1,32};/.test(target) || isAllowed(target)) return match;
      drop(target);
      return `]: ${removed}`;
    })
    .replaceAll(autolink, (match, target: string) => {
      if (isAllowed(target)) return match;
      drop(target);
      return removed;
    })
    .replaceAll(bare, (match) => {
      if (isAllowed(match)) return match;
      drop(match);
      return removed;
    })
    .replaceAll(withoutScheme, (match) => {
      if (isAllowed(`https://${match}`)) return match;
      drop(match);
      return removed;
    });
  return { text, problems: [...problems.values()] };
}

function isListed(target: string, hosts: readonly string[]): boolean {
  const mailed = plainMail.exec(target)?.[1];
  if (mailed !== undefined) return isHostListed(mailed, hosts);
  const written = target.replace(/[.,;:!?]+$/, '');
  const url = plainHost.test(written) ? URL.parse(written) : null;
  return url !== null && isHostListed(url.hostname, hosts);
}

function isHostListed(hostname: string, hosts: readonly string[]): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  return hosts.some(
    (allowed) => host === allowed.toLowerCase() || host.endsWith(`.${allowed.toLowerCase()}`),
  );
}

/** The host and nothing more: what comes after it may be what was to be carried out. */
function placeOf(target: string): string {
  const host =
    URL.parse(target)?.hostname || URL.parse(`https:${target.replace(/^(?!\/\/)/, '//')}`)?.hostname;
  return (host ?? 'another place').slice(0, 100);
}
