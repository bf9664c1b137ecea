import MarkdownIt from 'markdown-it';
import { type ComponentChildren, createElement } from 'preact';

const parser = new MarkdownIt('default', { html: false, linkify: false, breaks: true });
parser.disable('image');

type Token = ReturnType<typeof parser.parse>[number];

interface Open {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: ComponentChildren[];
}

const allowedTags = new Set(
  'p h1 h2 h3 h4 h5 h6 ul ol li blockquote table thead tbody tr th td strong em s a hr br'.split(' '),
);

/** The parser's tokens as elements; a token that is not known is its text. */
export function renderMarkdown(text: string): ComponentChildren {
  return build(parser.parse(text, {}));
}

function build(tokens: readonly Token[]): ComponentChildren[] {
  const root: Open = { tag: '', attributes: {}, children: [] };
  const stack: Open[] = [root];
  for (const token of tokens) {
    const top = stack.at(-1) ?? root;
    if (token.nesting === 1) stack.push({ tag: token.tag, attributes: attributesOf(token), children: [] });
    else if (token.nesting === -1 && stack.length > 1) {
      stack.pop();
      const parent = stack.at(-1) ?? root;
      parent.children.push(close(top));
    } else top.children.push(leaf(token));
  }
  return root.children;
}

function close({ tag, attributes, children }: Open): ComponentChildren {
  if (!allowedTags.has(tag)) return children;
  // Headings of a message stand below those of the page.
  const name = /^h[1-3]$/.test(tag) ? 'h4' : tag;
  return createElement(name, attributes, ...children);
}

function leaf(token: Token): ComponentChildren {
  switch (token.type) {
    case 'inline':
      return build(token.children ?? []);
    case 'code_inline':
      return <code>{token.content}</code>;
    case 'fence':
    case 'code_block':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys.
        <pre tabIndex={0}>
          <code>{token.content}</code>
        </pre>
      );
    case 'softbreak':
    case 'hardbreak':
      return <br />;
    case 'hr':
      return <hr />;
    default:
      return token.content;
  }
}

function attributesOf(token: Token): Record<string, string> {
  if (token.tag !== 'a')
    return token.tag === 'ol' && token.attrGet('start') !== null
      ? { start: String(token.attrGet('start')) }
      : {};
  const href = String(token.attrGet('href') ?? '');
  if (!/^(?:https?:|mailto:)/i.test(href)) return {};
  return { href, target: '_blank', rel: 'noopener noreferrer nofollow' };
}
