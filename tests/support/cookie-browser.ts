/** Somebody's browser as far as signing in needs one: keeps cookies by host, follows redirects, sends forms. */
export class CookieBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** Follows redirects up to `until`, and resolves with the last answer and its address. */
  async open(
    address: string,
    init: RequestInit = {},
    until: (url: URL) => boolean = () => false,
  ): Promise<{ url: URL; response: Response }> {
    let url = new URL(address);
    let request = init;
    for (let hop = 0; hop < 20; hop++) {
      const response = await this.#fetch(url, request);
      const location = response.headers.get('location');
      if (location === null) return { url, response };
      url = new URL(location, url);
      if (until(url)) return { url, response };
      request = {};
    }
    throw new Error(`Redirected without end, at last to ${url.href}`);
  }

  /** Sends the form of a page, with these fields beside its hidden ones. */
  async submit(
    page: { url: URL; response: Response },
    fields: Readonly<Record<string, string>>,
    until?: (url: URL) => boolean,
  ) {
    const html = await page.response.text();
    const action = /<form[^>]*action="([^"]+)"/.exec(html)?.[1];
    if (action === undefined) throw new Error(`No form at ${page.url.href}: ${html.slice(0, 500)}`);
    const hidden = [...html.matchAll(/<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"/g)];
    const body = new URLSearchParams({
      ...Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value])),
      ...fields,
    });
    return this.open(new URL(action, page.url).href, { method: 'POST', body }, until);
  }

  cookie(host: string, name: string): string | undefined {
    return this.#cookies.get(host)?.get(name);
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const jar = this.#cookies.get(url.host) ?? new Map<string, string>();
    this.#cookies.set(url.host, jar);
    const headers = new Headers(init.headers);
    headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      // A server deletes a cookie by an expiry in the past.
      if (/;\s*Expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }
}
