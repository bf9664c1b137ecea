export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface RequestOptions {
  /** Arrays repeat their name; undefined members are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly body?: object;
  /** Bytes to send in place of a JSON body. */
  readonly upload?: { readonly bytes: Uint8Array; readonly contentType: string };
  /** The answer is wanted as bytes (a `Buffer`) in place of JSON; more than `maxBytes` are not read. */
  readonly download?: { readonly maxBytes: number };
  /** Aborts the request; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** For the whole exchange. Default 30 s. */
  readonly timeoutMs?: number;
}

/** Makes one request of the client-server API, without retrying. `path` is absolute and percent-encoded. */
export type MatrixRequest = (method: Method, path: string, options?: RequestOptions) => Promise<unknown>;

/** The bot's user at its homeserver. */
export interface MatrixClient {
  readonly userId: string;
  /** Null for an appservice, which has none: its homeserver then forgets transaction ids early. */
  readonly deviceId: string | null;
  /**
   * Resolves to the JSON object or array of a 2xx answer; with `download` to its bytes.
   *
   * @throws {MatrixRequestError} on any other answer, no answer, or one that is not JSON; {@link MediaTooLargeError}
   * where a download has more bytes than it may have.
   */
  readonly request: MatrixRequest;
}
