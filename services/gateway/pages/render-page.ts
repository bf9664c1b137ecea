/** A theme that somebody chose has to hold before the first paint, thus before any file is loaded. */
const inline =
  "try{const t=localStorage.getItem('vagent.theme');if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch{}";

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='9' fill='%234f46e5'/%3E%3Cpath d='M8.5 10l7.5 13 7.5-13' fill='none' stroke='white' stroke-width='3.4' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

/** The one page of the console. `inline` is the script in it, for the hash that allows it. */
export function renderPage({ script, style }: { script: string; style: string }): {
  readonly html: string;
  readonly inline: string;
} {
  const html = [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="robots" content="noindex">',
    '<title>vagent</title>',
    `<link rel="icon" href="${icon}">`,
    `<script>${inline}</script>`,
    `<link rel="stylesheet" href="${style}">`,
    `<script type="module" src="${script}"></script>`,
    '</head>',
    '<body>',
    '<div id="console"></div>',
    '<noscript>The vagent console needs JavaScript.</noscript>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
  return { html, inline };
}
